import { expect } from "vitest";
import { codeOf, expectRefused, outcomeOf } from "../../stream-store/asserting.ts";
import { BAD_IDS, BAD_NUMBERS, ODD_IDS, shown } from "../../stream-store/hostile.ts";
import { defineCase } from "../../suite/contract-case.ts";
import type { ActiveStreamsCase } from "../active-context.ts";

export const grammarCases: readonly ActiveStreamsCase[] = [
  defineCase("active-id-grammar", "a hostile id is refused by every method", async (context) => {
    const { store, chat } = await context.fixture();
    for (const bad of BAD_IDS) {
      const id = bad as string;
      const calls: Record<string, () => unknown> = {
        "get(it)": () => store.get(id),
        'set(it, "s1")': () => store.set(id, "s1"),
        "set(chat, it)": () => store.set(chat, id),
        'clear(it, "s1")': () => store.clear(id, "s1"),
        "clear(chat, it)": () => store.clear(chat, id),
      };
      for (const [call, run] of Object.entries(calls)) {
        await expectRefused("INVALID_ID", run, `${call}, it being ${shown(bad)},`);
      }
    }
    expect(await store.get(chat)).toBeNull();
  }),

  defineCase(
    "active-id-grammar",
    "an odd id that matches works like any other",
    async (context) => {
      const { store, peer } = await context.stores();
      for (const [i, chat] of ODD_IDS.entries()) {
        // What a run that was broken off has left behind.
        const left = await store.get(chat);
        if (left !== null) await store.clear(chat, left);
        const [id, next] = [ODD_IDS[ODD_IDS.length - 1 - i]!, `${i}.next`];
        expect(await store.set(chat, id), `${chat} -> ${id}`).toBe(id);
        expect(await peer.get(chat)).toBe(id);
        expect(await peer.set(chat, next, { instead: id })).toBe(next);
      }
      for (const [i, chat] of ODD_IDS.entries()) {
        await store.clear(chat, `${i}.next`);
        expect(await peer.get(chat), chat).toBeNull();
      }
    },
  ),

  defineCase("active-option-range", "a bad option of set is refused", async (context) => {
    const { store, chat } = await context.fixture();
    const bad: Record<string, unknown>[] = [
      ...BAD_IDS.filter((id) => id !== undefined).map((instead) => ({ instead })),
      ...BAD_NUMBERS.map((ttlSec) => ({ ttlSec })),
    ];
    for (const options of bad) {
      const what = `set with ${shown(options)}`;
      await expectRefused("INVALID_OPTION", () => store.set(chat, "s1", options), what);
      expect(await store.get(chat), what).toBeNull();
    }
  }),

  defineCase(
    "active-option-range",
    "a bad ttlSec of the constructor is refused",
    async (context) => {
      for (const bad of BAD_NUMBERS) {
        const ttlSec = bad as number;
        await expectRefused(
          "INVALID_OPTION",
          () => context.stores({ ttlSec }),
          `ttlSec ${shown(bad)}`,
        );
      }
    },
  ),

  defineCase("active-option-range", "the ends of the ranges are inside", async (context) => {
    const { store, peer } = await context.stores();
    for (const options of [
      { ttlSec: 31_536_000 },
      { instead: "x".repeat(256) },
      { instead: ".", ttlSec: 60 },
      { instead: undefined, ttlSec: undefined },
    ]) {
      const chat = context.chat();
      expect(await store.set(chat, "s1", options)).toBe("s1");
      expect(await peer.get(chat), shown(options)).toBe("s1");
      // Or it would be there for as long as it says.
      await store.clear(chat, "s1");
    }
  }),

  defineCase("active-option-range", "a huge ttlSec is refused, or works", async (context) => {
    const { store, peer } = await context.stores();
    for (const ttlSec of [2 ** 31, 2 ** 32, 1e12, 1e14, 1e15, Number.MAX_SAFE_INTEGER, 1e21]) {
      const chat = context.chat();
      const outcome = await outcomeOf(() => store.set(chat, "s1", { ttlSec }));
      if ("error" in outcome) {
        expect(codeOf(outcome.error), `${ttlSec}`).toBe("INVALID_OPTION");
        continue;
      }
      expect(await peer.get(chat), `${ttlSec}`).toBe("s1");
      await peer.clear(chat, "s1");
    }
  }),
];
