// What lies in Redis, byte for byte, as the Chat SDK's own adapters put it there.
import { Message } from "chat";
import type { QueueEntry } from "chat";
import { describe, expect, inject, it } from "vitest";
import { connect, proxyTo } from "../../redis-stream-store/test/clients.ts";
import { createIoRedisState, createRedisState } from "../src/index.ts";
import { connectState, entryOf, openRawFor, randomPrefix } from "./support-states.ts";
import type { RedisStateAdapterOptions } from "../src/index.ts";

async function setUp(options: Partial<RedisStateAdapterOptions> = {}) {
  const prefix = randomPrefix();
  const client = connect(inject("redisUrl"));
  const state = await connectState({ client, keyPrefix: prefix, ...options });
  const raw = await openRawFor();
  const at = (key: string): string => `${prefix}:${key}`;
  /** Its bytes, and what is left of its time in ms. */
  const stored = async (key: string) => {
    const type = await raw.ask("TYPE", at(key));
    const ttl = Number(await raw.ask("PTTL", at(key)));
    if (type === "string") return { value: await raw.ask("GET", at(key)), ttl };
    return { value: await raw.ask("LRANGE", at(key), "0", "-1"), ttl };
  };
  const keys = async () => (await raw.keys(prefix)).map((key) => key.slice(prefix.length + 1));
  return { prefix, state, raw, at, stored, keys, receipts: () => raw.receipts(prefix) };
}

/** Just set, on however busy a machine. */
function expectTtl(ttl: number, ms: number): void {
  expect(ttl).toBeLessThanOrEqual(ms);
  expect(ttl).toBeGreaterThan(ms - 5_000);
}

const VALUE = { a: 1, u: "é€😀", z: undefined, n: null, nan: NaN, d: new Date(0) };
const VALUE_JSON = '{"a":1,"u":"é€😀","n":null,"nan":null,"d":"1970-01-01T00:00:00.000Z"}';

describe("a value", () => {
  it("is compact JSON in UTF-8, with a TTL if there is to be one", async () => {
    const { state, stored, keys } = await setUp();
    await state.set("k", VALUE);
    expect(await stored("cache:k")).toEqual({ value: VALUE_JSON, ttl: -1 });
    await state.set("k2", "str", 5_000);
    const { value, ttl } = await stored("cache:k2");
    expect(value).toBe('"str"');
    expectTtl(ttl, 5_000);
    expect(await state.setIfNotExists("dedupe:slack:1", true, 600_000)).toBe(true);
    const dedupe = await stored("cache:dedupe:slack:1");
    expect(dedupe.value).toBe("true");
    expectTtl(dedupe.ttl, 600_000);
    expect(await keys()).toEqual(["cache:dedupe:slack:1", "cache:k", "cache:k2"]);
  });

  it("loses its TTL where it is set without one, or with 0; NX leaves it", async () => {
    const { state, stored } = await setUp();
    await state.set("k", 1, 50_000);
    expect(await state.setIfNotExists("k", 2, 5_000)).toBe(false);
    expectTtl((await stored("cache:k")).ttl, 50_000);
    for (const none of [undefined, 0, -1]) {
      await state.set("k", 1, 50_000);
      await state.set("k", 3, none);
      expect(await stored("cache:k")).toEqual({ value: "3", ttl: -1 });
    }
    expect(await state.setIfNotExists("new", null, 0)).toBe(true);
    expect(await stored("cache:new")).toEqual({ value: "null", ttl: -1 });
  });

  it("that is no JSON comes out as it is; delete is for values, not for lists", async () => {
    const { state, raw, at, keys } = await setUp();
    await raw.ask("SET", at("cache:k"), "by hand");
    expect(await state.get("k")).toBe("by hand");
    expect(await state.get("none")).toBeNull();
    await state.appendToList("k", 1);
    await state.delete("k");
    expect(await keys()).toEqual(["list:k"]);
  });
});

describe("a lock", () => {
  it.each([
    ["redis", createRedisState, /^redis_\d{13}_[0-9a-z]{24}$/],
    ["ioredis", createIoRedisState, /^ioredis_\d{13}_[0-9a-z]{24}$/],
  ])("of %s is its token, for as long as asked", async (_, create, pattern) => {
    const { prefix, stored, keys } = await setUp();
    const state = create({ client: connect(inject("redisUrl")), keyPrefix: prefix });
    await state.connect();
    const before = Date.now();
    const lock = (await state.acquireLock("slack:C1:1.1", 30_000))!;
    expect(lock.token).toMatch(pattern);
    // The other adapters' tokens, with a suffix of another length.
    expect(lock.token).toMatch(/^[a-z]+_\d{13}_[0-9a-z]*$/);
    const left = await stored("lock:slack:C1:1.1");
    expect(left.value).toBe(lock.token);
    expectTtl(left.ttl, 30_000);
    expect(await keys()).toEqual(["lock:slack:C1:1.1"]);
    expect(lock).toEqual({
      threadId: "slack:C1:1.1",
      token: lock.token,
      expiresAt: expect.any(Number),
    });
    const made = Number(lock.token.split("_")[1]);
    expect(made).toBeGreaterThanOrEqual(before);
    expect(lock.expiresAt - 30_000).toBeGreaterThanOrEqual(made);

    expect(await state.extendLock(lock, 90_000)).toBe(true);
    expectTtl((await stored("lock:slack:C1:1.1")).ttl, 90_000);
    await state.releaseLock(lock);
    expect(await keys()).toEqual([]);
  });

  it("is said to end before Redis lets go of it, however long the reply takes", async () => {
    const proxy = await proxyTo(inject("redisUrl"));
    const state = await connectState({ client: connect(proxy.url), keyPrefix: randomPrefix() });
    await state.acquireLock("warm", 1_000);
    proxy.delayMs = 150;
    const sentAt = Date.now();
    const lock = (await state.acquireLock("t", 30_000))!;
    expect(Date.now() - sentAt).toBeGreaterThanOrEqual(290);
    expect(lock.expiresAt).toBeLessThan(sentAt + 30_000 + 100);
  });

  it("has a token of its own each time, with the prefix that was asked for", async () => {
    const { state } = await setUp({ tokenPrefix: "my-bot2" });
    const locks = await Promise.all(
      Array.from({ length: 200 }, (_, i) => state.acquireLock(`t${i}`, 1_000)),
    );
    const tokens = locks.map((lock) => lock?.token);
    expect(new Set(tokens.map((token) => token?.split("_")[2])).size).toBe(200);
    for (const token of tokens) expect(token).toMatch(/^my-bot2_\d{13}_[0-9a-z]{24}$/);
  });
});

it("a list keeps the newest, and its TTL where none is given", async () => {
  const { state, stored, keys } = await setUp();
  await state.appendToList("l", { id: 1 });
  expect(await stored("list:l")).toEqual({ value: ['{"id":1}'], ttl: -1 });
  await state.appendToList("l", { id: 2 }, { maxLength: 1, ttlMs: 5_000 });
  expect((await stored("list:l")).value).toEqual(['{"id":2}']);
  expectTtl((await stored("list:l")).ttl, 5_000);
  for (const id of [3, 4, 5]) await state.appendToList("l", { id }, { maxLength: 3 });
  expect((await stored("list:l")).value).toEqual(['{"id":3}', '{"id":4}', '{"id":5}']);
  expectTtl((await stored("list:l")).ttl, 5_000);
  await state.appendToList("l", "é", { maxLength: 0, ttlMs: 0 });
  expect((await stored("list:l")).value).toHaveLength(4);
  expectTtl((await stored("list:l")).ttl, 5_000);
  expect(await state.getList("l")).toEqual([{ id: 3 }, { id: 4 }, { id: 5 }, "é"]);
  expect(await state.getList("none")).toEqual([]);
  expect(await keys()).toEqual(["list:l"]);
});

it("subscriptions are one set without a TTL", async () => {
  const { state, raw, at, keys } = await setUp();
  await state.subscribe("slack:C1:1.1");
  await state.subscribe("slack:C1:1.1");
  await state.subscribe("slack:C2:2.2");
  expect(await keys()).toEqual(["subscriptions"]);
  expect(((await raw.ask("SMEMBERS", at("subscriptions"))) as string[]).sort()).toEqual([
    "slack:C1:1.1",
    "slack:C2:2.2",
  ]);
  expect(await raw.ask("PTTL", at("subscriptions"))).toBe(-1);
  await state.unsubscribe("slack:C2:2.2");
  expect(await raw.ask("SMEMBERS", at("subscriptions"))).toEqual(["slack:C1:1.1"]);
});

describe("a queue", () => {
  const message = new Message({
    id: "m1",
    threadId: "slack:C1:1.1",
    text: "é",
    formatted: { type: "root", children: [] },
    raw: { ts: "1.1" },
    author: { userId: "U1", userName: "u", fullName: "U", isBot: false, isMe: false },
    metadata: { dateSent: new Date(0), edited: false },
    attachments: [],
  });

  it("holds a message's JSON and both times, in that order", async () => {
    const { state, stored, keys } = await setUp();
    const expiresAt = Date.now() + 90_000;
    // However the caller has put them.
    const entry: QueueEntry = { expiresAt, enqueuedAt: 1_700_000_000_000, message };
    expect(await state.enqueue("slack:C1:1.1", entry, 10)).toBe(1);
    const { value, ttl } = await stored("queue:slack:C1:1.1");
    const json = JSON.stringify(message);
    expect(json).toContain('"_type":"chat:Message"');
    expect(value).toEqual([
      `{"message":${json},"enqueuedAt":1700000000000,"expiresAt":${expiresAt}}`,
    ]);
    expectTtl(ttl, 90_000);
    expect(await keys()).toEqual(["queue:slack:C1:1.1"]);
    expect(await state.dequeue("slack:C1:1.1")).toEqual({
      message: JSON.parse(json),
      enqueuedAt: 1_700_000_000_000,
      expiresAt,
    });
    expect(await state.dequeue("slack:C1:1.1")).toBeNull();
    expect(await keys()).toEqual([]);
  });

  it("in both spellings has Python's beside them", async () => {
    const { state, stored } = await setUp({ queueFormat: "both" });
    const expiresAt = Date.now() + 90_000;
    await state.enqueue("t", { message, enqueuedAt: 1_700_000_000_000, expiresAt }, 10);
    expect((await stored("queue:t")).value).toEqual([
      `{"message":${JSON.stringify(message)},"enqueuedAt":1700000000000,"expiresAt":${expiresAt},` +
        `"enqueued_at":1700000000000,"expires_at":${expiresAt}}`,
    ]);
  });

  it("lives for a minute at least, anew with each entry, and keeps the newest; 0 keeps all", async () => {
    const { state, stored, raw, at } = await setUp();
    expect(await state.enqueue("t", entryOf("a", -1_000), 0)).toBe(1);
    expectTtl((await stored("queue:t")).ttl, 60_000);
    expect(await state.enqueue("t", entryOf("b", 600_000), 0)).toBe(2);
    expectTtl((await stored("queue:t")).ttl, 600_000);
    expect(await state.enqueue("t", entryOf("c"), 2)).toBe(2);
    expectTtl((await stored("queue:t")).ttl, 90_000);
    expect(await state.queueDepth("t")).toBe(2);
    const left = (await raw.ask("LRANGE", at("queue:t"), "0", "-1")) as string[];
    expect(left.map((json) => (JSON.parse(json) as QueueEntry).message.text)).toEqual(["b", "c"]);
  });
});

it("nothing else is written but receipts, in the slot of their key, for a minute", async () => {
  const { state, raw, keys, receipts, prefix, at } = await setUp();
  await state.set("k", 1);
  await state.setIfNotExists("k", 2);
  await state.delete("k");
  await state.appendToList("l", 1);
  await state.enqueue("t", entryOf("a"), 5);
  await state.dequeue("t");
  await state.subscribe("t");
  await state.unsubscribe("t");
  const lock = (await state.acquireLock("t", 60_000))!;
  expect(await state.acquireLock("t", 60_000)).toBeNull();
  await state.extendLock(lock, 60_000);
  await state.releaseLock(lock);
  await state.releaseLock(lock);
  await state.forceReleaseLock("t");
  await Promise.all([state.get("k"), state.getList("l"), state.isSubscribed("t")]);
  expect(await keys()).toEqual(["list:l"]);

  const stems = (await receipts()).map((key) => {
    const [, stem] =
      /^\{(.*)\}:op:(?:[0-9a-f]{8}-[0-9a-f-]{27}|ioredis_\d{13}_[0-9a-z]{24})$/.exec(key) ?? [];
    return stem?.slice(prefix.length + 1);
  });
  // A lock that is taken needs none; one that is refused, extended, given back or forced does.
  expect(stems.sort()).toEqual(
    [
      ...["cache:k", "cache:k", "cache:k"],
      "list:l",
      ...["queue:t", "queue:t"],
      ...["subscriptions", "subscriptions"],
      ...["lock:t", "lock:t", "lock:t", "lock:t"],
    ].sort(),
  );
  for (const key of await receipts()) {
    expect(await raw.ask("TYPE", key)).toBe("string");
    expectTtl(Number(await raw.ask("PTTL", key)), 60_000);
  }
  expect(await raw.ask("PTTL", at("list:l"))).toBe(-1);
});

it("the default prefix is chat-sdk, also where an empty one is given", async () => {
  const client = connect(inject("redisUrl"));
  const raw = await openRawFor();
  for (const keyPrefix of [undefined, ""]) {
    const state = await connectState({ client, keyPrefix });
    const id = randomPrefix();
    await state.set(id, 1, 10_000);
    expect(await raw.ask("GET", `chat-sdk:cache:${id}`)).toBe("1");
    await state.delete(id);
  }
});

const HOSTILE = [
  "{}",
  "a}b{c",
  "{a}",
  "/path/with spaces and\ttabs\nlines",
  "é€😀 \u202e",
  "*?[a-z]\\",
  "__proto__",
  "'; return 1 --",
  "\0nul",
  ":op:",
  "",
  "x".repeat(2_000),
];

it.each(HOSTILE)("an id is part of the key as it is: %j", async (id) => {
  const { state, raw, at, keys } = await setUp();
  const lock = (await state.acquireLock(id, 60_000))!;
  expect(await state.extendLock(lock, 60_000)).toBe(true);
  await state.set(id, id);
  await state.appendToList(id, id);
  await state.enqueue(id, entryOf(id), 5);
  await state.subscribe(id);
  expect(await keys()).toEqual(
    [`cache:${id}`, `list:${id}`, `lock:${id}`, `queue:${id}`, "subscriptions"].sort(),
  );
  expect(await raw.ask("GET", at(`lock:${id}`))).toBe(lock.token);
  expect(await raw.ask("SMEMBERS", at("subscriptions"))).toEqual([id]);
  expect(await state.get(id)).toBe(id);
  expect(await state.getList(id)).toEqual([id]);
  expect((await state.dequeue(id))?.message.text).toBe(id);
  expect(await state.isSubscribed(id)).toBe(true);
  expect(await state.inspectLocks()).toMatchObject([{ threadId: id }]);
  await state.releaseLock(lock);
  expect(await state.inspectLocks()).toEqual([]);
});
