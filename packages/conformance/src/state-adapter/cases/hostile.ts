import type { StateAdapter } from "chat";
import fc from "fast-check";
import { expect } from "vitest";
import { NASTY_TEXTS, anyText } from "../../stream-store/texts.ts";
import { defineCase } from "../../suite/contract-case.ts";
import type { StorePair } from "../../suite/store-harness.ts";
import { drainQueue, entry } from "../state-context.ts";
import type { StateAdapterCase } from "../state-context.ts";

/** Ids that mean something to what adapters are built with. */
const ODD_IDS: ReadonlySet<string> = new Set([
  ...[...NASTY_TEXTS, "slack:C1:1.1", "https://a/b?c=d&e#f", "a{b", "a}b", "{a}b", "{}a", "{}{a}b"],
  ...[
    "}{",
    "{a}}",
    "{{a}}",
    "{a",
    "a}",
    "__proto__",
    "constructor",
    "toString",
    "*",
    "[a]",
    "a\\b",
  ],
  ...["..", "../a", "a%20b", ":", "::", "lock:a", "x".repeat(2000)],
]);

/** Everything that there is under one id: written by one adapter, seen through the other. */
async function useAll({ store, peer }: StorePair<StateAdapter>, id: string): Promise<void> {
  const lock = await store.acquireLock(id, 60_000);
  expect(lock?.threadId, "the lock's thread").toBe(id);
  expect(await peer.acquireLock(id, 60_000), "held").toBeNull();
  expect(await peer.extendLock(lock!, 60_000), "extended").toBe(true);
  await peer.releaseLock(lock!);
  await store.set(id, id, 60_000);
  expect(await peer.get(id), "cached").toBe(id);
  expect(await peer.setIfNotExists(id, 1, 60_000), "taken").toBe(false);
  await peer.delete(id);
  await store.appendToList(id, id, { ttlMs: 60_000, maxLength: 3 });
  expect(await peer.getList(id), "listed").toEqual([id]);
  await store.enqueue(id, entry(id), 3);
  expect(await peer.queueDepth(id), "queued").toBe(1);
  expect(await drainQueue(peer, id), "dequeued").toEqual([id]);
  await store.subscribe(id);
  expect(await peer.isSubscribed(id), "subscribed").toBe(true);
}

export const hostileCases: readonly StateAdapterCase[] = [
  defineCase("ids-opaque", "whatever they look like", async (context) => {
    const { store, peer, id } = await context.fixture();
    await Promise.all(Array.from(ODD_IDS, (odd) => useAll({ store, peer }, `${odd}|${id}`)));
    await Promise.all(Array.from(ODD_IDS, (odd) => useAll({ store, peer }, `${id}|${odd}`)));
  }),

  defineCase("ids-opaque", "each is its own", async (context) => {
    const { store, peer, id } = await context.fixture();
    const ids = Array.from(ODD_IDS, (odd) => `${id}${odd}`);
    await Promise.all(ids.map((one, i) => store.set(one, i, 60_000)));
    expect(await Promise.all(ids.map((one) => peer.get(one)))).toEqual([...ids.keys()]);
    await Promise.all(ids.map((one) => peer.delete(one)));
    await Promise.all(ids.map((one, i) => store.appendToList(one, i, { ttlMs: 60_000 })));
    const lists = await Promise.all(ids.map((one) => peer.getList(one)));
    expect(lists).toEqual([...ids.keys()].map((i) => [i]));
  }),

  defineCase("ids-opaque", "any text", async (context) => {
    const { store, peer, id } = await context.fixture();
    let run = 0;
    const property = fc.asyncProperty(anyText, (text) =>
      useAll({ store, peer }, `${id}${text}${run++}`),
    );
    await fc.assert(property, { numRuns: 15 });
  }),

  defineCase("value-json", "any value, wherever it is kept", async (context) => {
    const { store, peer } = await context.adapters();
    const value = fc.oneof(anyText, fc.jsonValue({ maxDepth: 3, stringUnit: "binary" }));
    const property = fc.asyncProperty(fc.array(value, { maxLength: 4 }), async (values) => {
      const id = context.id();
      // A number such as -0 is another one in JSON.
      const expected: unknown = JSON.parse(JSON.stringify(values));
      await store.set(id, values, 60_000);
      for (const one of values) await store.appendToList(`${id}:list`, one, { ttlMs: 60_000 });
      expect([await peer.get(id), await peer.getList(`${id}:list`)]).toEqual([expected, expected]);
    });
    await fc.assert(property, { numRuns: 20 });
  }),

  defineCase("value-json", "also where it is long", async (context) => {
    const { store, peer, id } = await context.fixture();
    const long = { text: "é€😀\n".repeat(50_000) };
    await store.set(id, long, 60_000);
    await store.appendToList(`${id}:list`, long, { ttlMs: 60_000 });
    expect(await peer.get(id)).toEqual(long);
    expect(await peer.getList(`${id}:list`)).toEqual([long]);
  }),

  defineCase("queue-entry", "any text in a message", async (context) => {
    const { store, peer, id } = await context.fixture();
    const property = fc.asyncProperty(anyText, async (text) => {
      const one = entry(text);
      await store.enqueue(id, one, 10);
      expect(await peer.dequeue(id)).toEqual(one);
    });
    await fc.assert(property, { numRuns: 20 });
  }),

  defineCase("kinds-apart", "under the same id", async (context) => {
    const { store, peer, id } = await context.fixture();
    await store.set(id, "cached");
    await store.appendToList(id, "listed");
    await store.enqueue(id, entry("queued"), 10);
    await store.subscribe(id);
    expect(await peer.acquireLock(id, 60_000), "the lock is free").not.toBeNull();
    expect(await peer.get(id)).toBe("cached");
    expect(await peer.getList(id)).toEqual(["listed"]);
    expect(await peer.queueDepth(id)).toBe(1);
    await peer.delete(id);
    await peer.forceReleaseLock(id);
    expect(await store.getList(id)).toEqual(["listed"]);
    expect(await drainQueue(store, id)).toEqual(["queued"]);
    expect(await store.isSubscribed(id)).toBe(true);
    await store.unsubscribe(id);
    expect(await peer.getList(id)).toEqual(["listed"]);
  }),
];
