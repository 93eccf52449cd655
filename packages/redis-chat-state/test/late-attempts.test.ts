// An attempt that was given up may still arrive: behind a repetition that succeeded, and behind what followed it.
import type { IoredisClient, UpstashClient } from "@streambed/redis-driver";
import { expect, inject, it } from "vitest";
import type { RedisScript } from "@streambed/redis-driver";
import { connect } from "../../redis-stream-store/test/clients.ts";
import * as scripts from "../src/scripts.generated.ts";
import { connectState, entryOf, openRawFor, randomPrefix, textOf } from "./support-states.ts";
import type { RedisStateAdapter } from "../src/index.ts";

/** A client that has several ways to the server, as one over HTTP: the first run of a script gets there last. */
async function setUpLate(script: RedisScript) {
  const direct: IoredisClient = connect(inject("redisUrl"));
  const { promise: arrives, resolve: arrive } = Promise.withResolvers<void>();
  let late: Promise<unknown> | undefined;
  const client: UpstashClient = {
    async evalsha(sha1, keys, args) {
      const run = () => direct.evalsha(sha1, keys.length, ...keys, ...args);
      if (sha1 !== script.sha1 || late) return run();
      return (late = arrives.then(run));
    },
    eval: (source, keys, args) => direct.eval(source, keys.length, ...keys, ...args),
  };
  const prefix = randomPrefix();
  const raw = await openRawFor();
  await Promise.all(Object.values(scripts).map(({ source }) => raw.ask("SCRIPT", "LOAD", source)));
  const state = await connectState({ client, keyPrefix: prefix, timeoutMs: 200 });
  const letArrive = async (): Promise<void> => {
    arrive();
    await late;
  };
  return { state, prefix, raw, letArrive };
}

it("acquireLock: no lock that nobody knows of", async () => {
  const { state, prefix, raw, letArrive } = await setUpLate(scripts.acquireScript);
  const lock = (await state.acquireLock("t", 60_000))!;
  await state.releaseLock(lock);
  await letArrive();
  expect(await raw.keys(prefix)).toEqual([]);
});

it("acquireLock that was refused", async () => {
  const { state, prefix, raw, letArrive } = await setUpLate(scripts.acquireScript);
  await raw.ask("SET", `${prefix}:lock:t`, "other");
  expect(await state.acquireLock("t", 60_000)).toBeNull();
  await raw.ask("DEL", `${prefix}:lock:t`);
  await letArrive();
  expect(await raw.keys(prefix)).toEqual([]);
});

it("acquireLock of a lock that another has forced, and given back, too", async () => {
  const { state, prefix, raw, letArrive } = await setUpLate(scripts.acquireScript);
  const other = await connectState({ client: connect(inject("redisUrl")), keyPrefix: prefix });
  const mine = (await state.acquireLock("t", 60_000))!;
  await other.forceReleaseLock("t");
  const others = (await other.acquireLock("t", 60_000))!;
  await state.releaseLock(mine);
  await other.releaseLock(others);
  await letArrive();
  expect(await raw.keys(prefix)).toEqual([]);
});

const CASES: [
  name: string,
  RedisScript,
  (state: RedisStateAdapter) => Promise<unknown>,
  unknown,
][] = [
  [
    "set",
    scripts.setScript,
    async (state) => {
      await state.set("k", 1);
      await state.set("k", 2);
      return () => state.get("k");
    },
    2,
  ],
  [
    "delete",
    scripts.deleteScript,
    async (state) => {
      await state.delete("k");
      await state.set("k", 2);
      return () => state.get("k");
    },
    2,
  ],
  [
    "enqueue",
    scripts.pushScript,
    async (state) => {
      await state.enqueue("t", entryOf("a"), 5);
      return () => state.queueDepth("t");
    },
    1,
  ],
  [
    "dequeue",
    scripts.takeScript,
    async (state) => {
      const entry = entryOf("a");
      for (let i = 0; i < 3; i++) await state.enqueue("t", entry, 5);
      expect(textOf(await state.dequeue("t"))).toBe("a");
      return () => state.queueDepth("t");
    },
    2,
  ],
  [
    "subscribe",
    scripts.addMemberScript,
    async (state) => {
      await state.subscribe("t");
      await state.unsubscribe("t");
      return () => state.isSubscribed("t");
    },
    false,
  ],
];

it.for(CASES)("%s: is not carried out once more", async ([, script, act, left]) => {
  const { state, letArrive } = await setUpLate(script);
  const look = (await act(state)) as () => Promise<unknown>;
  await letArrive();
  expect(await look()).toBe(left);
});

it("an extension that comes late gives no lock more time than was asked for last", async () => {
  const { state, prefix, raw, letArrive } = await setUpLate(scripts.extendScript);
  const lock = (await state.acquireLock("t", 60_000))!;
  expect(await state.extendLock(lock, 600_000)).toBe(true);
  expect(await state.extendLock(lock, 60_000)).toBe(true);
  await letArrive();
  expect(await raw.ask("PTTL", `${prefix}:lock:t`)).toBeLessThanOrEqual(60_000);
});

it("receipts outlive the longest repetition that the options allow", async () => {
  const raw = await openRawFor();
  const prefix = randomPrefix();
  const client = connect(inject("redisUrl"));
  const times = { timeoutMs: 60_000, retryForMs: 3_600_000 };
  const patient = await connectState({ client, keyPrefix: prefix, ...times });
  await patient.set("k", 1);
  const [receipt = ""] = await raw.receipts(prefix);
  expect(await raw.ask("PTTL", receipt)).toBeGreaterThan(3_660_000);
});

it("the first attempt is under way when the next is refused: the outcome is not known", async () => {
  const { state, prefix, raw, letArrive } = await setUpLate(scripts.pushScript);
  await raw.ask("SET", `${prefix}:list:l`, "no list");
  await expect(state.appendToList("l", 1)).rejects.toMatchObject({ code: "UNKNOWN_OUTCOME" });
  await raw.ask("DEL", `${prefix}:list:l`);
  await letArrive();
  expect(await state.getList("l")).toEqual([1]);
});
