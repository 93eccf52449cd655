import { expect } from "vitest";
import type { ChatHistory } from "@streambed/core/conversation";
import { codeOf, expectRefused, outcomeOf } from "../../stream-store/asserting.ts";
import { BAD_IDS, BAD_NUMBERS, ODD_IDS, shown } from "../../stream-store/hostile.ts";
import { defineCase } from "../../suite/contract-case.ts";
import { expectStored, say, talk } from "../conversation-context.ts";
import type { ConversationStoreCase } from "../conversation-context.ts";

/** What is no `ChatHistory`. */
const NO_HISTORIES: readonly unknown[] = [
  ...[undefined, null, 5, "x", true, [], {}, new Map(), talk("hello").toJSON()],
  ...[JSON.parse(talk("hello").toJSON()), { toJSON: () => talk("hello").toJSON() }],
];

export const grammarCases: readonly ConversationStoreCase[] = [
  defineCase(
    "conversation-id-grammar",
    "a hostile id is refused by every method",
    async (context) => {
      const { store } = await context.fixture();
      let changes = 0;
      for (const bad of BAD_IDS) {
        const id = bad as string;
        const calls: Record<string, () => unknown> = {
          load: () => store.load(id),
          save: () => store.save(id, talk("hello")),
          update: () => store.update(id, () => changes++),
          delete: () => store.delete(id),
        };
        for (const [call, run] of Object.entries(calls)) {
          await expectRefused("INVALID_ID", run, `${call}(${shown(bad)})`);
        }
      }
      expect(changes).toBe(0);
    },
  ),

  defineCase(
    "conversation-id-grammar",
    "an odd id that matches works like any other",
    async (context) => {
      const { store, peer } = await context.stores();
      for (const id of ODD_IDS) {
        // What a run that was broken off has left behind.
        if ((await context.peek(store, id)) !== null) await store.delete(id);
        await store.save(id, talk(id));
        await peer.update(id, (history) => void say(history, "again"));
      }
      for (const id of ODD_IDS) {
        await expectStored({ store, peer, id }, [id, "again"], id);
        await peer.delete(id);
        await expectStored({ store, peer, id }, [], id);
      }
    },
  ),

  defineCase(
    "conversation-option-range",
    "a bad option of the constructor is refused",
    async (context) => {
      for (const option of ["ttlSec", "maxBytes"]) {
        for (const bad of BAD_NUMBERS) {
          const open = (): unknown => context.stores({ [option]: bad });
          await expectRefused("INVALID_OPTION", open, `${option} ${shown(bad)}`);
        }
      }
    },
  ),

  defineCase("conversation-option-range", "the ends of the ranges are inside", async (context) => {
    for (const options of [
      { ttlSec: 31_536_000, maxBytes: 2 ** 30 },
      { ttlSec: undefined, maxBytes: undefined },
    ]) {
      const fixture = await context.fixture(options);
      await fixture.store.save(fixture.id, talk("hello"));
      await expectStored(fixture, ["hello"], shown(options));
      // Or it would be there for as long as it says.
      await fixture.store.delete(fixture.id);
    }
  }),

  defineCase("conversation-option-range", "a huge ttlSec is refused, or works", async (context) => {
    for (const ttlSec of [2 ** 31, 2 ** 32, 1e12, 1e14, 1e15, Number.MAX_SAFE_INTEGER, 1e21]) {
      const id = context.id();
      const outcome = await outcomeOf(async () => {
        const stores = await context.stores({ ttlSec });
        await stores.store.save(id, talk("hello"));
        return stores;
      });
      if ("error" in outcome) {
        expect(codeOf(outcome.error), `${ttlSec}`).toBe("INVALID_OPTION");
        continue;
      }
      await expectStored({ ...outcome.value, id }, ["hello"], `${ttlSec}`);
      await outcome.value.store.delete(id);
    }
  }),

  defineCase("conversation-option-range", "what is no history is not saved", async (context) => {
    const { store, peer, id } = await context.fixture();
    for (const [i, bad] of NO_HISTORIES.entries()) {
      const save = (): unknown => store.save(id, bad as ChatHistory);
      await expectRefused("INVALID_OPTION", save, `save of no. ${i}`);
      expect(await context.peek(peer, id)).toBeNull();
    }
  }),
];
