import { expect } from "vitest";
import type { ActiveStreams } from "@streambed/core/contracts";
import { pause, until } from "../../stream-store/asserting.ts";
import { defineWaitingCase } from "../../suite/contract-case.ts";
import type { ActiveStreamsCase } from "../active-context.ts";

/** Time for a busy machine, and for servers that look at their clock now and then. */
const SLACK_MS = 1500;

export const expiryCases: readonly ActiveStreamsCase[] = [
  defineWaitingCase("active-expiry", "after ttlSec the chat is free", async (context) => {
    const { store, peer, chat } = await context.fixture();
    await store.set(chat, "s1", { ttlSec: 1 });
    await pause(250);
    expect(await peer.get(chat)).toBe("s1");
    await gone(peer, chat, 750 + SLACK_MS);
    expect(await store.set(chat, "s2")).toBe("s2");
    expect(await peer.get(chat)).toBe("s2");
  }),

  defineWaitingCase(
    "active-expiry",
    "by the store's ttlSec, where set names none",
    async (context) => {
      const { store, peer, chat } = await context.fixture({ ttlSec: 1 });
      await store.set(chat, "s1", { ttlSec: undefined });
      await pause(250);
      expect(await peer.get(chat)).toBe("s1");
      await gone(store, chat, 750 + SLACK_MS);
    },
  ),

  defineWaitingCase("active-expiry", "no look and no other's clear keeps it", async (context) => {
    const { store, peer, chat } = await context.fixture();
    await store.set(chat, "s1", { ttlSec: 1 });
    const deadline = performance.now() + 1000 + SLACK_MS;
    while (performance.now() < deadline) {
      await Promise.allSettled([store.get(chat), peer.clear(chat, "s2")]);
      await pause(100);
    }
    expect(await peer.get(chat)).toBeNull();
  }),

  defineWaitingCase("active-expiry", "counts from what took effect last", async (context) => {
    const { store, peer } = await context.stores();
    const [lasting, brief] = [context.chat(), context.chat()];
    await store.set(lasting, "s1", { ttlSec: 1 });
    await store.set(brief, "s1", { ttlSec: 60 });
    await peer.set(lasting, "s2", { instead: "s1", ttlSec: 60 });
    await peer.set(brief, "s2", { instead: "s1", ttlSec: 1 });
    await pause(1000 + SLACK_MS);
    expect([await store.get(lasting), await store.get(brief)]).toEqual(["s2", null]);
  }),
];

/** Waits until the chat points at nothing. */
async function gone(store: ActiveStreams, chat: string, withinMs: number): Promise<void> {
  await until("the expiry", withinMs, async () =>
    (await store.get(chat)) === null ? true : undefined,
  );
}
