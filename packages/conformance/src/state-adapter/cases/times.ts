import type { StateAdapter } from "chat";
import { expect } from "vitest";
import { pause } from "../../stream-store/asserting.ts";
import { defineCase, defineWaitingCase } from "../../suite/contract-case.ts";
import { expectToLast } from "../lasting.ts";
import { entry } from "../state-context.ts";
import type { StateAdapterCase } from "../state-context.ts";
import { acquired } from "./locks.ts";

const isCached = async (adapter: StateAdapter, id: string): Promise<boolean> =>
  (await adapter.get(id)) !== null;
const isListed = async (adapter: StateAdapter, id: string): Promise<boolean> =>
  (await adapter.getList(id)).length > 0;

export const timeCases: readonly StateAdapterCase[] = [
  defineWaitingCase("cache-ttl", "gone after ttlMs, and not before", async (context) => {
    const { store, peer, id } = await context.fixture();
    await Promise.all([
      expectToLast({
        what: "set",
        ttlMs: 400,
        start: () => store.set(id, "a", 400),
        holds: () => isCached(peer, id),
      }),
      expectToLast({
        what: "setIfNotExists",
        ttlMs: 400,
        start: () => peer.setIfNotExists(`${id}:once`, "a", 400),
        holds: () => isCached(store, `${id}:once`),
      }),
    ]);
    expect(await peer.setIfNotExists(id, "b")).toBe(true);
  }),

  defineWaitingCase("cache-ttl", "without one it stays", async (context) => {
    const { store, peer, id } = await context.fixture();
    const keys = [1, 2, 3, 4].map((i) => `${id}:${i}`) as [string, string, string, string];
    await store.set(keys[0], "a");
    await store.set(keys[1], "a", 0);
    await store.setIfNotExists(keys[2], "a");
    await store.setIfNotExists(keys[3], "a", 0);
    await pause(1000);
    for (const key of keys) expect(await isCached(peer, key)).toBe(true);
  }),

  defineWaitingCase("cache-set", "and of its time", async (context) => {
    const { store, peer, id } = await context.fixture();
    const [lasting, prolonged, brief] = [id, `${id}:1`, `${id}:2`];
    await store.set(lasting, "a", 300);
    await store.set(prolonged, "a", 300);
    await store.set(brief, "a", 60_000);
    await peer.set(lasting, "b");
    await peer.set(prolonged, "b", 60_000);
    await peer.set(brief, "b", 300);
    await pause(1000);
    const seen = await Promise.all([lasting, prolonged, brief].map((key) => store.get(key)));
    expect(seen).toEqual(["b", "b", null]);
  }),

  defineWaitingCase("cache-one-winner", "who loses does not change its time", async (context) => {
    const { store, peer, id } = await context.fixture();
    const [brief, lasting] = [id, `${id}:1`];
    await store.setIfNotExists(brief, "a", 600);
    await store.setIfNotExists(lasting, "a", 60_000);
    await peer.setIfNotExists(brief, "b", 60_000);
    await peer.setIfNotExists(lasting, "b", 100);
    await pause(1000);
    expect([await store.get(brief), await store.get(lasting)]).toEqual([null, "a"]);
  }),

  defineWaitingCase("list-ttl", "gone after ttlMs, and not before", async (context) => {
    const { store, peer, id } = await context.fixture();
    await expectToLast({
      what: "the list",
      ttlMs: 400,
      start: () => store.appendToList(id, "a", { ttlMs: 400 }),
      holds: () => isListed(peer, id),
    });
    await peer.appendToList(id, "b");
    expect(await store.getList(id)).toEqual(["b"]);
  }),

  defineWaitingCase("list-ttl", "counts from the last append that names one", async (context) => {
    const { store, peer, id } = await context.fixture();
    const [prolonged, shortened] = [id, `${id}:1`];
    for (const [list, ttls] of [
      [prolonged, [1_000, 60_000]],
      [shortened, [60_000, 300]],
    ] as const) {
      for (const ttlMs of ttls) await store.appendToList(list, "a", { ttlMs, maxLength: 5 });
    }
    await pause(1_300);
    expect([await peer.getList(prolonged), await peer.getList(shortened)]).toEqual([
      ["a", "a"],
      [],
    ]);
  }),

  defineWaitingCase("list-ttl-kept", "without one it ends when it would have", async (context) => {
    const { store, peer, id } = await context.fixture();
    await expectToLast({
      what: "the list",
      ttlMs: 600,
      start: async () => {
        await store.appendToList(id, "a", { ttlMs: 600 });
        await peer.appendToList(id, "b");
        await peer.appendToList(id, "c", { maxLength: 10 });
      },
      holds: () => isListed(store, id),
    });
  }),

  defineCase("fractions", "take effect, each once", async (context) => {
    const fixture = await context.fixture();
    const { store, peer, id } = fixture;
    const lock = await acquired(fixture, 60_000.5);
    expect(await peer.acquireLock(id, 60_000.5)).toBeNull();
    expect(await peer.extendLock(lock, 59_999.001)).toBe(true);
    await store.set(id, "a", 60_000.25);
    expect(await store.setIfNotExists(`${id}:1`, "b", 1e5 / 3)).toBe(true);
    expect([await peer.get(id), await peer.get(`${id}:1`)]).toEqual(["a", "b"]);
    await store.appendToList(`${id}:list`, "c", { ttlMs: 60_000.75, maxLength: 5 });
    expect(await peer.getList(`${id}:list`)).toEqual(["c"]);
    expect(await store.enqueue(id, entry("d", Date.now() + 90_000.5), 10)).toBe(1);
    expect((await peer.dequeue(id))?.message.text).toBe("d");
  }),
];
