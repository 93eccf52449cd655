import { expect } from "vitest";
import { outcomeOf } from "../../stream-store/asserting.ts";
import { defineCase } from "../../suite/contract-case.ts";
import { entry } from "../state-context.ts";
import type { StateAdapterCase } from "../state-context.ts";

/** Values of all kinds that JSON has, and some that it writes otherwise. */
const VALUES: readonly unknown[] = [
  ...[true, false, 0, -1, 1.5, 1e21, 2 ** 53 - 1, "", "text", "null", "0", '"quoted"', "{}"],
  ...[[], {}, [[]], [null, 1, "a"], { a: { b: [{}] } }, { "": 1, "a b": null }],
  { a: 1, u: "é€😀", z: undefined, n: null, nan: Number.NaN, d: new Date(0) },
  { toJSON: () => ({ said: "by itself" }) },
];

const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

export const cacheCases: readonly StateAdapterCase[] = [
  defineCase("value-json", "a cached value comes back as JSON has it", async (context) => {
    const { store, peer } = await context.adapters();
    for (const value of VALUES) {
      const [id, other] = [context.id(), context.id()];
      await store.set(id, value);
      expect(await store.setIfNotExists(other, value, 60_000)).toBe(true);
      for (const key of [id, other]) {
        expect(await peer.get(key), JSON.stringify(value)).toStrictEqual(asJson(value));
      }
    }
  }),

  defineCase("value-json", "an element of a list comes back as JSON has it", async (context) => {
    const { store, peer, id } = await context.fixture();
    for (const value of [...VALUES, null]) await store.appendToList(id, value);
    expect(await peer.getList(id)).toStrictEqual([...VALUES, null].map(asJson));
  }),

  defineCase("value-json", "is not the object that was given, or got", async (context) => {
    const { store, id } = await context.fixture();
    const value = { list: [1] };
    await store.set(id, value);
    await store.appendToList(`${id}:list`, value);
    value.list.push(2);
    for (let i = 0; i < 2; i++) {
      const [cached, listed] = [await store.get(id), await store.getList(`${id}:list`)];
      expect([cached, listed]).toEqual([{ list: [1] }, [{ list: [1] }]]);
      (cached as typeof value).list.push(3);
      (listed as (typeof value)[]).push({ list: [] });
    }
  }),

  defineCase("value-refused", "what JSON has no form for", async (context) => {
    const { store, peer, id } = await context.fixture();
    const circular: Record<string, unknown> = {};
    circular["self"] = circular;
    await store.set(id, "first");
    await store.appendToList(`${id}:list`, "first");
    await store.enqueue(id, entry("first"), 10);
    for (const value of [undefined, () => {}, Symbol("a"), 5n, { big: 5n }, circular]) {
      const queued = { ...entry("x"), message: circular as never };
      const calls: Record<string, () => Promise<unknown>> = {
        set: () => store.set(id, value),
        setIfNotExists: () => store.setIfNotExists(`${id}:new`, value),
        appendToList: () => store.appendToList(`${id}:list`, value, { maxLength: 1 }),
        enqueue: () => store.enqueue(id, queued, 1),
      };
      for (const [call, run] of Object.entries(calls)) {
        expect(await outcomeOf(run), `${call} of a ${typeof value}`).toHaveProperty("error");
      }
    }
    expect([await peer.get(id), await peer.get(`${id}:new`)]).toEqual(["first", null]);
    expect([await peer.getList(`${id}:list`), await peer.queueDepth(id)]).toEqual([["first"], 1]);
  }),

  defineCase("cache-set", "takes the place of what was there", async (context) => {
    const { store, peer, id } = await context.fixture();
    expect(await store.get(id)).toBeNull();
    for (const [i, value] of ["a", { b: 1 }, null, [2], "a"].entries()) {
      await (i % 2 ? store : peer).set(id, value, i % 3 ? 60_000 : undefined);
      expect([await store.get(id), await peer.get(id)]).toEqual([value, value]);
    }
  }),

  defineCase("cache-one-winner", "a key that is taken stays as it is", async (context) => {
    const { store, peer, id } = await context.fixture();
    expect(await store.setIfNotExists(id, "first", 60_000)).toBe(true);
    for (const one of [peer, store]) {
      expect(await one.setIfNotExists(id, "first", 60_000)).toBe(false);
      expect(await one.setIfNotExists(id, "second")).toBe(false);
    }
    expect(await peer.get(id)).toBe("first");
  }),

  defineCase("cache-one-winner", "also one that was set, to anything", async (context) => {
    const { store, peer } = await context.adapters();
    for (const value of [null, false, 0, "", "a"]) {
      const id = context.id();
      await store.set(id, value);
      expect(await peer.setIfNotExists(id, "second"), JSON.stringify(value)).toBe(false);
      expect(await peer.get(id)).toBe(value);
    }
  }),

  defineCase("cache-delete", "the key is free, and no other", async (context) => {
    const { store, peer, id } = await context.fixture();
    await peer.delete(id);
    for (const ttlMs of [undefined, 60_000]) {
      await store.set(id, "a", ttlMs);
      await store.set(`${id}:1`, "b", ttlMs);
      await peer.delete(id);
      expect([await store.get(id), await peer.get(id)]).toEqual([null, null]);
      expect(await store.setIfNotExists(id, "c")).toBe(true);
      expect(await peer.get(`${id}:1`)).toBe("b");
    }
  }),
];
