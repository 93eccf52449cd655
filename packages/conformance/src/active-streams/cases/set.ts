import { expect } from "vitest";
import { pause } from "../../stream-store/asserting.ts";
import { numbered } from "../../stream-store/texts.ts";
import { defineCase, defineWaitingCase } from "../../suite/contract-case.ts";
import type { ActiveStreamsCase } from "../active-context.ts";

export const setCases: readonly ActiveStreamsCase[] = [
  defineCase(
    "active-taken",
    "the stream that stands stays, and its id is told",
    async (context) => {
      const { store, peer, chat } = await context.fixture();
      await store.set(chat, "s1");
      for (const other of ["s2", "S1", "s", "s11", "s1."]) {
        expect(await peer.set(chat, other), other).toBe("s1");
        expect(await store.set(chat, other, { instead: undefined }), other).toBe("s1");
      }
      expect(await store.get(chat)).toBe("s1");
    },
  ),

  defineWaitingCase("active-taken", "how long it is kept does not change", async (context) => {
    const { store, peer } = await context.stores();
    const [brief, lasting] = [context.chat(), context.chat()];
    await store.set(brief, "s1", { ttlSec: 1 });
    await store.set(lasting, "s1", { ttlSec: 60 });
    await peer.set(brief, "s2", { ttlSec: 60 });
    await peer.set(lasting, "s2", { ttlSec: 1 });
    await pause(2500);
    expect([await store.get(brief), await store.get(lasting)]).toEqual([null, "s1"]);
  }),

  defineCase("active-same-again", "the id that stands may be set again", async (context) => {
    const { store, peer, chat } = await context.fixture();
    expect(await store.set(chat, "s1")).toBe("s1");
    const again = Array.from({ length: 20 }, (_, i) => (i % 2 ? store : peer).set(chat, "s1"));
    expect(new Set(await Promise.all(again))).toEqual(new Set(["s1"]));
    expect(await peer.set(chat, "s1", { instead: "s0" })).toBe("s1");
    expect(await store.set(chat, "s1", { instead: "s1" })).toBe("s1");
    expect(await store.get(chat)).toBe("s1");
  }),

  defineCase("active-same-again", "also one that has replaced another", async (context) => {
    const { store, peer, chat } = await context.fixture();
    await store.set(chat, "stale");
    for (const one of [store, peer, store]) {
      expect(await one.set(chat, "next", { instead: "stale" })).toBe("next");
    }
    expect(await store.get(chat)).toBe("next");
  }),

  defineWaitingCase("active-same-again", "its time counts anew", async (context) => {
    const { store, peer } = await context.stores();
    const [renewed, shortened] = [context.chat(), context.chat()];
    await store.set(renewed, "s1", { ttlSec: 1 });
    await store.set(shortened, "s1", { ttlSec: 60 });
    await peer.set(shortened, "s1", { ttlSec: 1 });
    for (let i = 0; i < 8; i++) {
      await pause(300);
      await (i % 2 ? store : peer).set(renewed, "s1", { ttlSec: 1 });
    }
    expect([await peer.get(renewed), await store.get(shortened)]).toEqual(["s1", null]);
  }),

  defineCase("active-instead", "the named stream is replaced, and no other", async (context) => {
    const { store, peer, chat } = await context.fixture();
    await store.set(chat, "stale");
    for (const instead of ["other", "Stale", "stal", "stale.", "stale-1"]) {
      expect(await peer.set(chat, "next", { instead }), instead).toBe("stale");
    }
    expect(await store.get(chat)).toBe("stale");
    expect(await peer.set(chat, "next", { instead: "stale" })).toBe("next");
    expect(await store.set(chat, "later", { instead: "stale" })).toBe("next");
    expect(await store.get(chat)).toBe("next");
  }),

  defineCase("active-instead", "a free chat is set all the same", async (context) => {
    const { store, peer, chat } = await context.fixture();
    expect(await store.set(chat, "s1", { instead: "gone" })).toBe("s1");
    expect(await peer.get(chat)).toBe("s1");
  }),

  defineCase(
    "active-instead",
    "of 8 racing replacements one takes effect and all learn it, 100 times",
    async (context) => {
      const { store, peer } = await context.stores();
      const ids = numbered(8, "s").map((id) => id.replace(" ", ""));
      for (let round = 0; round < 100; round++) {
        const chat = context.chat();
        await store.set(chat, "stale");
        const told = await Promise.all(
          ids.map((id, i) => ((i + round) % 2 ? store : peer).set(chat, id, { instead: "stale" })),
        );
        expect(ids).toContain(told[0]);
        expect(new Set(told).size, `told ${told.join(", ")}`).toBe(1);
        expect(await (round % 2 ? store : peer).get(chat)).toBe(told[0]);
      }
    },
  ),

  defineCase(
    "active-one-winner",
    "of 8 racing sets one takes effect and all learn it, 150 times",
    async (context) => {
      const { store, peer } = await context.stores();
      const ids = numbered(8, "s").map((id) => id.replace(" ", ""));
      for (let round = 0; round < 150; round++) {
        const chat = context.chat();
        const told = await Promise.all(
          ids.map((id, i) => ((i + round) % 2 ? store : peer).set(chat, id)),
        );
        expect(ids).toContain(told[0]);
        expect(new Set(told).size, `told ${told.join(", ")}`).toBe(1);
        expect(await (round % 2 ? store : peer).get(chat)).toBe(told[0]);
      }
    },
  ),

  defineCase(
    "active-one-winner",
    "of those who take turns no two hold the chat at once",
    async (context) => {
      const { store, peer, chat } = await context.fixture();
      let holders = 0;
      let turns = 0;
      const takeTurns = async (worker: number): Promise<void> => {
        const one = worker % 2 ? store : peer;
        for (let attempt = 0; attempt < 40; attempt++) {
          const id = `${worker}-${attempt}`;
          if ((await one.set(chat, id)) !== id) continue;
          turns++;
          expect(++holders, "holders").toBe(1);
          await pause(1);
          holders--;
          await one.clear(chat, id);
        }
      };
      await Promise.all([1, 2, 3, 4, 5, 6].map(takeTurns));
      expect(turns).toBeGreaterThan(0);
    },
  ),
];
