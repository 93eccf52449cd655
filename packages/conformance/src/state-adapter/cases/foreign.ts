import { expect } from "vitest";
import { defineCase } from "../../suite/contract-case.ts";
import { entry, textOf } from "../state-context.ts";
import type { StateAdapterCase } from "../state-context.ts";

/** What people have written where JSON was to be. */
const NO_JSON: readonly string[] = ["", "plain text", "{'a': 1}", '{"a":', "\uFEFF{}", "True"];

/** And what Python writes for a number that JSON does not have: some adapters know it. */
const ALMOST_JSON: readonly string[] = [...NO_JSON, "NaN", '{"a": -Infinity}'];

/** What is no entry of a queue, be it JSON or not. */
const NO_ENTRY: readonly string[] = [...ALMOST_JSON, "5", "null", '"text"', "[]", "{}"];

/** Cases in which something is stored behind the adapters' back: for a harness with `plant`. */
export const foreignCases: readonly StateAdapterCase[] = [
  defineCase("value-foreign", "is the text that it is", async (context) => {
    const { store, peer } = await context.adapters();
    for (const text of NO_JSON) {
      const id = context.id();
      await context.plant(store, "cache", id, text);
      expect(await peer.get(id)).toBe(text);
      expect(await store.setIfNotExists(id, "a"), text).toBe(false);
    }
  }),

  defineCase("list-foreign", "the others are read, in their order", async (context) => {
    const { store, peer } = await context.adapters();
    for (const text of ALMOST_JSON) {
      const id = context.id();
      await store.appendToList(id, { n: 1 });
      await context.plant(store, "list", id, text);
      await peer.appendToList(id, { n: 2 });
      const list = await peer.getList(id);
      // Whether the other one is left out or told as its text is the adapter's affair.
      const read = list.filter((one) => typeof one === "object" && one !== null && "n" in one);
      expect(read, text).toEqual([{ n: 1 }, { n: 2 }]);
    }
  }),

  defineCase("queue-foreign", "the next entry is handed out", async (context) => {
    const { store, peer } = await context.adapters();
    for (const text of NO_ENTRY) {
      const id = context.id();
      for (let i = 0; i < 3; i++) await context.plant(store, "queue", id, text);
      await store.enqueue(id, entry("readable"), 10);
      expect(textOf(await peer.dequeue(id)), text).toBe("readable");
      expect(await store.dequeue(id), text).toBeNull();
    }
  }),

  defineCase("queue-foreign", "it is not lost", async (context) => {
    const { store, peer } = await context.adapters();
    for (const text of NO_ENTRY) {
      const id = context.id();
      await context.plant(store, "queue", id, text);
      await store.enqueue(id, entry("readable"), 10);
      await Promise.allSettled([store.dequeue(id), peer.dequeue(id)]);
      expect(await context.unread(store, id), text).toContain(text);
    }
  }),
];
