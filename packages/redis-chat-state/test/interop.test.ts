// Ours and the Chat SDK's own adapters on one Redis, in all directions.
import { IoRedisStateAdapter as PublishedIoredis } from "@chat-adapter/state-ioredis";
import { RedisStateAdapter as PublishedNodeRedis } from "@chat-adapter/state-redis";
import type { Lock, Logger, StateAdapter } from "chat";
import { createClient } from "redis";
import { describe, expect, inject, it } from "vitest";
import { connect } from "../../redis-stream-store/test/clients.ts";
import { createIoRedisState, createRedisState } from "../src/index.ts";
import { entryOf, openRawFor, randomPrefix, textOf } from "./support-states.ts";
import type { TestContext } from "vitest";

const nobody = (): void => {};
const silent: Logger = {
  debug: nobody,
  info: nobody,
  warn: nobody,
  error: nobody,
  child: () => silent,
};

const NAMES = [
  "ours",
  "ours, both spellings",
  "ours over node-redis",
  "state-ioredis",
  "state-redis",
];
type Party = [name: string, state: StateAdapter];
type Pair = [from: Party, to: Party];

async function setUp(test: TestContext) {
  const keyPrefix = randomPrefix();
  const url = inject("redisUrl");
  const client = connect(url);
  const nodeRedis = createClient({ url });
  nodeRedis.on("error", nobody);
  await nodeRedis.connect();
  test.onTestFinished(() => nodeRedis.destroy());
  const published = new PublishedNodeRedis({ url, keyPrefix, logger: silent });
  test.onTestFinished(() => published.disconnect());
  const io = new PublishedIoredis({ url, keyPrefix, logger: silent });
  test.onTestFinished(() => io.disconnect());
  const states: StateAdapter[] = [
    createIoRedisState({ client, keyPrefix }),
    createRedisState({ client, keyPrefix, queueFormat: "both" }),
    createRedisState({ client: nodeRedis, keyPrefix }),
    // Of another copy of `chat`, whose types are not this one's.
    io as unknown as StateAdapter,
    published,
  ];
  await Promise.all(states.map((state) => state.connect()));
  const parties = states.map((state, i): Party => [NAMES[i]!, state]);
  const pairs = parties.flatMap((from) => parties.map((to): Pair => [from, to]));
  const raw = await openRawFor(test);
  const ttl = async (key: string): Promise<number> =>
    Number(await raw.ask("PTTL", `${keyPrefix}:${key}`));
  return { pairs: pairs.filter(([from, to]) => from !== to), parties, raw, ttl, prefix: keyPrefix };
}
type SetUp = Awaited<ReturnType<typeof setUp>>;

/** Each pair with an id of its own, all at once. */
async function forAll(
  { pairs }: SetUp,
  check: (from: StateAdapter, to: StateAdapter, id: string, about: string) => Promise<void>,
): Promise<void> {
  expect(pairs).toHaveLength(20);
  await Promise.all(
    pairs.map(([[nameFrom, from], [nameTo, to]], i) =>
      check(from, to, `slack:C${i}:1.1`, `from ${nameFrom} to ${nameTo}`),
    ),
  );
}

describe.concurrent("between two adapters", () => {
  it("locks exclude each other, and only their token gives them back or prolongs them", async (test) => {
    const on = await setUp(test);
    await forAll(on, async (from, to, id, about) => {
      const lock = (await from.acquireLock(id, 30_000))!;
      expect(lock, about).toMatchObject({ threadId: id });
      expect(await to.acquireLock(id, 30_000), about).toBeNull();
      const guess: Lock = { ...lock, token: `${lock.token}x` };
      expect(await to.extendLock(guess, 600_000), about).toBe(false);
      await to.releaseLock(guess);
      expect(await to.acquireLock(id, 30_000), about).toBeNull();
      expect(await on.ttl(`lock:${id}`), about).toBeLessThanOrEqual(30_000);
      // A lock may be handed on.
      expect(await to.extendLock(lock, 600_000), about).toBe(true);
      expect(await on.ttl(`lock:${id}`), about).toBeGreaterThan(300_000);
      await to.releaseLock(lock);
      expect(await from.extendLock(lock, 30_000), about).toBe(false);

      const theirs = (await to.acquireLock(id, 30_000))!;
      await from.releaseLock(lock);
      expect(await from.acquireLock(id, 30_000), about).toBeNull();
      await from.forceReleaseLock(id);
      expect(await to.extendLock(theirs, 30_000), about).toBe(false);
      expect(await from.acquireLock(id, 30_000), about).not.toBeNull();
    });
  });

  it("of all that want a lock at once, one gets it", async (test) => {
    const { parties } = await setUp(test);
    for (let round = 0; round < 20; round++) {
      const id = `race ${round}`;
      const locks = await Promise.all(parties.map(([, state]) => state.acquireLock(id, 30_000)));
      expect(locks.filter((lock) => lock !== null)).toHaveLength(1);
    }
  });

  it("queues are one, in order, with one TTL and one depth", async (test) => {
    const on = await setUp(test);
    await forAll(on, async (from, to, id, about) => {
      expect(await from.enqueue(id, entryOf("a"), 3), about).toBe(1);
      expect(await to.enqueue(id, entryOf("b", 600_000), 3), about).toBe(2);
      expect(await on.ttl(`queue:${id}`), about).toBeGreaterThan(300_000);
      expect(await from.enqueue(id, entryOf("c"), 3), about).toBe(3);
      expect(await on.ttl(`queue:${id}`), about).toBeLessThanOrEqual(90_000);
      expect(await to.enqueue(id, entryOf("d", -1), 3), about).toBe(3);
      expect(await on.ttl(`queue:${id}`), about).toBeLessThanOrEqual(60_000);
      expect(await from.queueDepth(id), about).toBe(3);
      const entries = [await from.dequeue(id), await to.dequeue(id), await from.dequeue(id)];
      expect(entries.map(textOf), about).toEqual(["b", "c", "d"]);
      for (const entry of entries) {
        expect(entry, about).toMatchObject({
          enqueuedAt: expect.any(Number),
          expiresAt: expect.any(Number),
        });
      }
      expect(await to.dequeue(id), about).toBeNull();
    });
  });

  it("an entry comes out as it went in, whoever takes it", async (test) => {
    await forAll(await setUp(test), async (from, to, id, about) => {
      const entry = entryOf("é€😀\n");
      await from.enqueue(id, entry, 0);
      // "both" adds members that are Python's.
      expect(await to.dequeue(id), about).toMatchObject({ ...entry });
    });
  });

  it("of all that take from one queue at once, each gets other entries", async (test) => {
    const { parties } = await setUp(test);
    const texts = Array.from({ length: 100 }, (_, i) => `m${i}`);
    for (const [i, text] of texts.entries()) {
      await parties[i % parties.length]![1].enqueue("t", entryOf(text), 0);
    }
    const taken: string[] = [];
    const take = async (state: StateAdapter): Promise<void> => {
      for (;;) {
        const entry = await state.dequeue("t");
        if (entry === null) return;
        taken.push(textOf(entry) ?? "");
      }
    };
    await Promise.all(parties.map(([, state]) => take(state)));
    expect(taken.toSorted()).toEqual(texts.toSorted());
  });

  it("values, with their TTL", async (test) => {
    const on = await setUp(test);
    await forAll(on, async (from, to, id, about) => {
      const value = { text: "é€😀", n: null, nested: [1, { a: true }] };
      await from.set(id, value, 60_000);
      expect(await to.get(id), about).toEqual(value);
      expect(await to.setIfNotExists(id, 1, 60_000), about).toBe(false);
      await to.set(id, "other");
      expect(await on.ttl(`cache:${id}`), about).toBe(-1);
      expect(await from.get(id), about).toBe("other");
      await from.delete(id);
      expect(await to.get(id), about).toBeNull();
      expect(await to.setIfNotExists(id, true, 60_000), about).toBe(true);
      expect(await from.setIfNotExists(id, true), about).toBe(false);
      expect(await on.ttl(`cache:${id}`), about).toBeGreaterThan(30_000);
    });
  });

  it("lists, with their length and TTL", async (test) => {
    const on = await setUp(test);
    await forAll(on, async (from, to, id, about) => {
      await from.appendToList(id, { n: 1 }, { maxLength: 2, ttlMs: 600_000 });
      await to.appendToList(id, { n: 2 }, { maxLength: 2 });
      expect(await on.ttl(`list:${id}`), about).toBeGreaterThan(300_000);
      await from.appendToList(id, { n: 3 }, { maxLength: 2, ttlMs: 60_000 });
      expect(await to.getList(id), about).toEqual([{ n: 2 }, { n: 3 }]);
      expect(await from.getList(id), about).toEqual([{ n: 2 }, { n: 3 }]);
      expect(await on.ttl(`list:${id}`), about).toBeLessThanOrEqual(60_000);
      await to.appendToList(id, { __chatSdkTombstone: true }, { maxLength: 1 });
      expect(await from.getList(id), about).toEqual([{ __chatSdkTombstone: true }]);
    });
  });

  it("subscriptions", async (test) => {
    await forAll(await setUp(test), async (from, to, id, about) => {
      expect(await to.isSubscribed(id), about).toBe(false);
      await from.subscribe(id);
      expect(await to.isSubscribed(id), about).toBe(true);
      await to.unsubscribe(id);
      expect(await from.isSubscribed(id), about).toBe(false);
    });
  });

  it("bytes are the same: values, lists and queues", async (test) => {
    const { parties, raw, prefix } = await setUp(test);
    const value = { a: 1, u: "é€😀", z: undefined, n: null, nan: NaN, d: new Date(0) };
    const entry = entryOf("é");
    const written = new Set<string>();
    for (const [i, [name, state]] of parties.entries()) {
      await state.set(`k${i}`, value);
      await state.appendToList(`l${i}`, value);
      await state.enqueue(`t${i}`, entry, 5);
      const cache = await raw.ask("GET", `${prefix}:cache:k${i}`);
      const list = await raw.ask("LRANGE", `${prefix}:list:l${i}`, "0", "-1");
      const queue = await raw.ask("LRANGE", `${prefix}:queue:t${i}`, "0", "-1");
      if (name.includes("both")) continue;
      written.add(JSON.stringify([cache, list, queue]));
    }
    expect(written.size).toBe(1);
  });
});
