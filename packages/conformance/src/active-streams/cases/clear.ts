import { expect } from "vitest";
import type { ActiveStreams } from "@streambed/core/contracts";
import { pause } from "../../stream-store/asserting.ts";
import { defineCase, defineWaitingCase } from "../../suite/contract-case.ts";
import type { ActiveStreamsCase } from "../active-context.ts";

export const clearCases: readonly ActiveStreamsCase[] = [
  defineCase("active-clear", "nothing is left, and any stream may be next", async (context) => {
    const { store, peer, chat } = await context.fixture();
    for (const id of ["s1", "s2", "s1"]) {
      expect(await store.set(chat, id)).toBe(id);
      await peer.clear(chat, id);
      expect(await peer.get(chat)).toBeNull();
    }
    await store.set(chat, "stale");
    await peer.set(chat, "next", { instead: "stale" });
    await store.clear(chat, "next");
    expect(await store.get(chat)).toBeNull();
    expect(await peer.set(chat, "last")).toBe("last");
  }),

  defineWaitingCase("active-clear", "what comes next has a time of its own", async (context) => {
    const { store, peer } = await context.stores();
    const [lasting, brief] = [context.chat(), context.chat()];
    await store.set(lasting, "s1", { ttlSec: 1 });
    await store.set(brief, "s1", { ttlSec: 60 });
    for (const chat of [lasting, brief]) await peer.clear(chat, "s1");
    await store.set(lasting, "s2", { ttlSec: 60 });
    await store.set(brief, "s2", { ttlSec: 1 });
    await pause(2500);
    expect([await peer.get(lasting), await peer.get(brief)]).toEqual(["s2", null]);
  }),

  defineCase(
    "active-clear",
    "against a racing set: either it came first, or the set says what it met, 100 times",
    async (context) => {
      const { store, peer } = await context.stores();
      for (let round = 0; round < 100; round++) {
        const chat = context.chat();
        await store.set(chat, "s1");
        const calls = [() => peer.clear(chat, "s1"), () => store.set(chat, "s2")] as const;
        // Who is first to call differs.
        const [first, second] = round % 2 ? ([0, 1] as const) : ([1, 0] as const);
        const results: unknown[] = [];
        const running = [first, second].map(async (which) => {
          results[which] = await calls[which]();
        });
        await Promise.all(running);
        expect(["s1", "s2"]).toContain(results[1]);
        expect(await peer.get(chat), `told ${results[1]}`).toBe(results[1] === "s2" ? "s2" : null);
      }
    },
  ),

  defineCase("active-clear-compares", "another stream's pointer stays", async (context) => {
    const { store, peer, chat } = await context.fixture();
    await store.set(chat, "s1");
    for (const other of ["s2", "S1", "s", "s11", "s1."]) {
      await peer.clear(chat, other);
      expect(await store.get(chat), other).toBe("s1");
    }
    await store.set(chat, "s2", { instead: "s1" });
    await peer.clear(chat, "s1");
    expect(await peer.get(chat)).toBe("s2");
  }),

  defineCase("active-clear-compares", "of none, it resolves", async (context) => {
    const { store, peer, chat } = await context.fixture();
    await store.clear(chat, "s1");
    expect(await peer.get(chat)).toBeNull();
    await store.set(chat, "s1");
    await Promise.all([store.clear(chat, "s1"), peer.clear(chat, "s1"), store.clear(chat, "s1")]);
    await peer.clear(chat, "s1");
    expect(await store.get(chat)).toBeNull();
  }),

  defineCase(
    "active-clear-compares",
    "an answer that ends late never takes away the next one's pointer, 100 times",
    async (context) => {
      const { store, peer } = await context.stores();
      for (let round = 0; round < 100; round++) {
        const chat = context.chat();
        const [one, other] = round % 2 ? [store, peer] : [peer, store];
        await one.set(chat, "stale");
        const clear = (from: ActiveStreams): Promise<void> => from.clear(chat, "stale");
        // Up to two come before it, two behind it.
        const early = [one, other].slice(round % 3).map(clear);
        const replacing = other.set(chat, "next", { instead: "stale" });
        await Promise.all([...early, replacing, ...[other, one].map(clear)]);
        expect([await replacing, await one.get(chat)]).toEqual(["next", "next"]);
      }
    },
  ),
];
