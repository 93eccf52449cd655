import type { QueueEntry } from "chat";
import { describe, expect, inject, it } from "vitest";
import { connect } from "../../redis-stream-store/test/clients.ts";
import { connectState, entryOf, openRawFor, randomPrefix } from "./support-states.ts";
import type { RedisStateAdapter } from "../src/index.ts";

async function setUp() {
  const prefix = randomPrefix();
  const state = await connectState({ client: connect(inject("redisUrl")), keyPrefix: prefix });
  const raw = await openRawFor();
  const isUntouched = async (): Promise<void> => {
    expect(await raw.keys(prefix)).toEqual([]);
    expect(await raw.receipts(prefix)).toEqual([]);
  };
  const pttl = async (key: string): Promise<number> =>
    Number(await raw.ask("PTTL", `${prefix}:${key}`));
  return { state, raw, isUntouched, pttl };
}

const cyclic: Record<string, unknown> = {};
cyclic["self"] = cyclic;
const NO_JSON: [name: string, value: unknown][] = [
  ["undefined", undefined],
  ["a function", () => {}],
  ["a symbol", Symbol("s")],
  ["a BigInt", 1n],
  ["a BigInt inside", { deep: [1n] }],
  ["a cycle", cyclic],
  ["what does not want to be JSON", { toJSON: () => undefined }],
  [
    "what fails to be JSON",
    {
      toJSON() {
        throw new Error("no");
      },
    },
  ],
];

describe.each(NO_JSON)("%s as a value", (_, value) => {
  it("is refused, and nothing is stored", async () => {
    const { state, isUntouched } = await setUp();
    const message = value as QueueEntry["message"];
    const calls = [
      state.set("k", value),
      state.set("k", value, 1_000),
      state.setIfNotExists("k", value),
      state.appendToList("l", value),
      state.enqueue("t", { ...entryOf("a"), message }, 5),
    ];
    for (const call of calls) {
      await expect(call).rejects.toMatchObject({ name: "ChatStateError", code: "INVALID_VALUE" });
    }
    await isUntouched();
  });
});

it.each([null, "text", 5, true])("%j as a message is refused", async (message) => {
  const { state, isUntouched } = await setUp();
  const entry = { ...entryOf("a"), message: message as unknown as QueueEntry["message"] };
  await expect(state.enqueue("t", entry, 5)).rejects.toMatchObject({ code: "INVALID_VALUE" });
  await isUntouched();
});

it.each([undefined, null, 5, {}, ["t"]] as never[])("%j as an id or key is refused", async (id) => {
  const { state, isUntouched } = await setUp();
  const held = { threadId: "t", token: "x", expiresAt: 0 };
  const calls = {
    subscribe: state.subscribe(id),
    unsubscribe: state.unsubscribe(id),
    isSubscribed: state.isSubscribed(id),
    acquireLock: state.acquireLock(id, 1_000),
    extendLock: state.extendLock({ ...held, threadId: id }, 1_000),
    "extendLock's token": state.extendLock({ ...held, token: id }, 1_000),
    releaseLock: state.releaseLock({ ...held, threadId: id }),
    "releaseLock's token": state.releaseLock({ ...held, token: id }),
    forceReleaseLock: state.forceReleaseLock(id),
    get: state.get(id),
    set: state.set(id, 1),
    setIfNotExists: state.setIfNotExists(id, 1),
    delete: state.delete(id),
    appendToList: state.appendToList(id, 1),
    getList: state.getList(id),
    enqueue: state.enqueue(id, entryOf("a"), 5),
    dequeue: state.dequeue(id),
    queueDepth: state.queueDepth(id),
  };
  const outcomes = await Promise.allSettled(Object.values(calls));
  for (const [i, name] of Object.keys(calls).entries()) {
    expect(outcomes[i], name).toMatchObject({
      reason: { name: "ChatStateError", code: "INVALID_VALUE" },
    });
  }
  await isUntouched();
});

it.each([NaN, Infinity, -Infinity, undefined, null, "1700000000000", 1n])(
  "%s as a time of an entry is refused",
  async (time) => {
    const { state, isUntouched } = await setUp();
    for (const name of ["enqueuedAt", "expiresAt"]) {
      const entry = { ...entryOf("a"), [name]: time };
      await expect(state.enqueue("t", entry, 5)).rejects.toMatchObject({ code: "INVALID_VALUE" });
    }
    await isUntouched();
  },
);

type Call = (state: RedisStateAdapter, value: number) => Promise<unknown>;
const lock = { threadId: "t", token: "redis_1700000000000_x", expiresAt: 0 };
const entryUntil = (expiresAt: number): QueueEntry => ({ ...entryOf("a"), expiresAt });
const MUST_BE_POSITIVE: [string, Call][] = [
  ["acquireLock's TTL", (state, value) => state.acquireLock("t", value)],
  ["extendLock's TTL", (state, value) => state.extendLock(lock, value)],
];
const MAY_BE_NONE: [string, Call][] = [
  ["set's TTL", (state, value) => state.set("k", 1, value)],
  ["setIfNotExists' TTL", (state, value) => state.setIfNotExists("k", 1, value)],
  ["a list's TTL", (state, value) => state.appendToList("l", 1, { ttlMs: value })],
  ["a list's length", (state, value) => state.appendToList("l", 1, { maxLength: value })],
  ["a queue's size", (state, value) => state.enqueue("t", entryOf("a"), value)],
];

describe.each([...MUST_BE_POSITIVE, ...MAY_BE_NONE])("%s", (_, call) => {
  it.each([NaN, Infinity, 1e300, "5", {}] as number[])("as %s is refused", async (value) => {
    const { state, isUntouched } = await setUp();
    await expect(call(state, value)).rejects.toMatchObject({
      name: "ChatStateError",
      code: "INVALID_OPTION",
    });
    await isUntouched();
  });
});

it.each([1e300, 1e17])("an entry that expires at %s is refused", async (expiresAt) => {
  const { state, isUntouched } = await setUp();
  await expect(state.enqueue("t", entryUntil(expiresAt), 5)).rejects.toMatchObject({
    name: "ChatStateError",
  });
  await isUntouched();
});

it.each([0, -0, -1, -0.5, -Infinity, NaN])(
  "a lock for %s ms is refused, and extending by that leaves it alone",
  async (ttlMs) => {
    const { state, isUntouched, pttl } = await setUp();
    await expect(state.acquireLock("t", ttlMs)).rejects.toMatchObject({ code: "INVALID_OPTION" });
    await isUntouched();
    const held = (await state.acquireLock("t", 60_000))!;
    await expect(state.extendLock(held, ttlMs)).rejects.toMatchObject({ code: "INVALID_OPTION" });
    expect(await pttl("lock:t")).toBeGreaterThan(30_000);
    expect(await state.extendLock(held, 60_000)).toBe(true);
  },
);

describe("a fraction is rounded up", () => {
  it("of a TTL", async () => {
    const { state, pttl } = await setUp();
    const held = (await state.acquireLock("t", 59_999.5))!;
    expect(held.expiresAt).toBe(Math.floor(held.expiresAt));
    expect(await state.extendLock(held, 60_000.001)).toBe(true);
    await state.set("k", 1, 60_000.5);
    await state.setIfNotExists("nx", 1, 60_000.5);
    await state.appendToList("l", 1, { ttlMs: 60_000.5 });
    await state.enqueue("t", entryUntil(Date.now() + 60_000.5), 5);
    for (const key of ["lock:t", "cache:k", "cache:nx", "list:l", "queue:t"]) {
      expect(await pttl(key), key).toBeGreaterThan(30_000);
    }
    // Less than 1 ms is 1, not none.
    await state.set("short", 1, 0.001);
    expect(await pttl("cache:short")).not.toBe(-1);
    expect(await state.acquireLock("short", Number.MIN_VALUE)).not.toBeNull();
  });

  it("of a length", async () => {
    const { state } = await setUp();
    for (let i = 0; i < 5; i++) {
      await state.appendToList("l", i, { maxLength: 1.5 });
      expect(await state.enqueue("t", entryOf(`${i}`), 2.001)).toBe(Math.min(i + 1, 3));
    }
    expect(await state.getList("l")).toEqual([3, 4]);
  });

  it("of a time: it comes out as it went in", async () => {
    const { state } = await setUp();
    const entry = { ...entryOf("a"), enqueuedAt: 1_700_000_000_000.25 };
    await state.enqueue("t", entry, 5);
    expect(await state.dequeue("t")).toEqual(entry);
  });
});

it("0, a negative number or none means none, as for the other adapters", async () => {
  const { state, pttl } = await setUp();
  for (const none of [0, -0, -5, -0.5, undefined]) {
    await state.set("k", 1, none);
    await state.delete("nx");
    expect(await state.setIfNotExists("nx", 1, none)).toBe(true);
    await state.appendToList("l", 1, { maxLength: none!, ttlMs: none! });
    for (const key of ["cache:k", "cache:nx", "list:l"]) expect(await pttl(key)).toBe(-1);
  }
  expect(await state.getList("l")).toHaveLength(5);
  for (const [i, none] of [0, -0, -5, -0.5].entries()) {
    expect(await state.enqueue("t", entryOf("a"), none)).toBe(i + 1);
  }
});

it("a large number is taken whole, not as 1e15", async () => {
  const { state, pttl } = await setUp();
  await state.set("k", 1, 1e15);
  expect(await pttl("cache:k")).toBeGreaterThan(9e14);
  await state.appendToList("l", 1, { maxLength: 2 ** 53 });
  expect(await state.getList("l")).toEqual([1]);
});
