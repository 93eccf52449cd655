import { setTimeout as sleep } from "node:timers/promises";
import { startRedis } from "@streambed/test-kit";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { describe, expect, it, onTestFinished } from "vitest";
import type { TestContext } from "vitest";
import { connect } from "../../redis-stream-store/test/clients.ts";
import { openRaw, SCRIPT_CLIENTS } from "../../redis-stream-store/test/support-clients.ts";
import { entryOf, randomPrefix, setUpFaulty, connectState, openRawFor } from "./support-states.ts";
import type { Faulty } from "./support-states.ts";
import type { RedisStateAdapter, StateClient } from "../src/index.ts";

const lock = { threadId: "t", token: "redis_1700000000000_x", expiresAt: 0 };
const READS: Record<string, (state: RedisStateAdapter) => Promise<unknown>> = {
  get: (state) => state.get("k"),
  getList: (state) => state.getList("l"),
  isSubscribed: (state) => state.isSubscribed("t"),
  queueDepth: (state) => state.queueDepth("t"),
  // It looks first, and takes nothing before it has seen it.
  dequeue: (state) => state.dequeue("t"),
  inspectLocks: (state) => state.inspectLocks(),
};
const WRITES: Record<string, (state: RedisStateAdapter) => Promise<unknown>> = {
  acquireLock: (state) => state.acquireLock("t", 1_000),
  extendLock: (state) => state.extendLock(lock, 1_000),
  releaseLock: (state) => state.releaseLock(lock),
  forceReleaseLock: (state) => state.forceReleaseLock("t"),
  set: (state) => state.set("k", 1),
  setIfNotExists: (state) => state.setIfNotExists("k", 1),
  delete: (state) => state.delete("k"),
  appendToList: (state) => state.appendToList("l", 1),
  enqueue: (state) => state.enqueue("t", entryOf("a"), 5),
  subscribe: (state) => state.subscribe("t"),
  unsubscribe: (state) => state.unsubscribe("t"),
};

async function codesOf(
  state: RedisStateAdapter,
  calls: typeof READS,
): Promise<Record<string, unknown>> {
  const outcomes = Object.entries(calls).map(async ([name, call]) => {
    const error = (await call(state).then(
      () => undefined,
      (reason: unknown) => reason,
    )) as { name?: string; code?: string } | undefined;
    return [name, error && `${error.name} ${error.code}`] as const;
  });
  return Object.fromEntries(await Promise.all(outcomes));
}

const all = (calls: object, code: string): Record<string, string> =>
  Object.fromEntries(Object.keys(calls).map((name) => [name, `ChatStateError ${code}`]));

describe.concurrent.each(SCRIPT_CLIENTS)("%s: a Redis that is away", (kind) => {
  const goAway = async ({ endpoint: { proxy } }: Faulty, how: "refused" | "silent") => {
    if (how === "silent") return proxy.blackhole(true);
    await proxy.refuse(true);
    proxy.cut();
  };

  it.for(["refused", "silent"] as const)(
    "%s, for longer than a call waits: each says what is known",
    async (how, test) => {
      const on = await setUpFaulty(kind, test, { timeoutMs: 100, retryForMs: 400 });
      await goAway(on, how);
      const startedAt = performance.now();
      const [reads, writes] = await Promise.all([
        codesOf(on.state, READS),
        codesOf(on.state, WRITES),
      ]);
      expect(reads).toEqual(all(READS, "UNAVAILABLE"));
      expect(writes).toEqual(all(WRITES, "UNKNOWN_OUTCOME"));
      expect(performance.now() - startedAt, "a bound").toBeLessThan(5_000);
    },
  );

  it.for(["refused", "silent"] as const)(
    "%s, for less: calls wait, and each is carried out once",
    async (how, test) => {
      const on = await setUpFaulty(kind, test, { timeoutMs: 300, retryForMs: 15_000 });
      const held = (await on.state.acquireLock("held", 60_000))!;
      await goAway(on, how);
      const calls = Promise.all([
        on.state.acquireLock("t", 60_000),
        on.state.extendLock(held, 60_000),
        on.state.setIfNotExists("k", 1),
        on.state.appendToList("l", 1),
        on.state.enqueue("t", entryOf("a"), 5),
        on.state.get("none"),
      ]);
      await sleep(500);
      expect(await on.onlooker.queueDepth("t"), "nothing gets through").toBe(0);
      if (how === "silent") on.endpoint.proxy.blackhole(false);
      else await on.endpoint.proxy.refuse(false);
      expect(await calls).toEqual([
        { threadId: "t", token: expect.any(String), expiresAt: expect.any(Number) },
        true,
        true,
        undefined,
        1,
        null,
      ]);
      expect(await on.onlooker.getList("l")).toEqual([1]);
      expect(await on.onlooker.queueDepth("t")).toBe(1);
    },
  );

  it("a key that holds something else: UNSUPPORTED, and it is left alone", async (test) => {
    const on = await setUpFaulty(kind, test);
    const { prefix, raw } = on;
    for (const key of ["lock:t", "cache:k"]) await raw.ask("RPUSH", `${prefix}:${key}`, "x");
    for (const key of ["list:l", "queue:t", "subscriptions"]) {
      await raw.ask("SET", `${prefix}:${key}`, "x");
    }
    // These overwrite or remove whatever there is, or write nothing that is there already.
    const { set: _, setIfNotExists, delete: __, forceReleaseLock: ___, ...writes } = WRITES;
    const { inspectLocks, ...reads } = READS;
    expect(await codesOf(on.state, { ...reads, ...writes })).toEqual(
      all({ ...reads, ...writes }, "UNSUPPORTED"),
    );
    expect(await setIfNotExists?.(on.state)).toBe(false);
    expect(await inspectLocks?.(on.state)).toEqual([]);
    expect(await raw.receipts(prefix)).toHaveLength(1);
    expect(await raw.ask("LRANGE", `${prefix}:lock:t`, "0", "-1")).toEqual(["x"]);
  });
});

describe.concurrent("a Redis that is away for longer than acquireLock waits, and comes back", () => {
  const open = async (kind: string, url: string, test: TestContext): Promise<StateClient> => {
    if (kind === "node-redis 6") {
      const client = createClient({ url });
      test.onTestFinished(() => client.destroy());
      return client.connect();
    }
    const client = new Redis(url, { maxRetriesPerRequest: null });
    test.onTestFinished(() => client.disconnect());
    return client;
  };

  it.for(["node-redis 6", "ioredis"])("%s: no lock that nobody holds", async (kind, test) => {
    const redis = await startRedis();
    test.onTestFinished(() => redis.stop());
    const client = await open(kind, redis.url, test);
    const state = await connectState({ client, timeoutMs: 100, retryForMs: 300 }, test);
    const patient = await connectState({ client }, test);
    await redis.kill();
    await expect(state.acquireLock("t", 600_000)).rejects.toMatchObject({
      code: "UNKNOWN_OUTCOME",
    });
    await using _ = await startRedis({ port: redis.port });
    // It goes to Redis behind what the client has yet to send.
    expect(await patient.acquireLock("t", 1_000)).not.toBeNull();
  });
});

describe("a server that refuses", () => {
  const patience = { timeoutMs: 1_000, retryForMs: 200 };

  it("without memory: nothing is half done, and queues can be emptied", async () => {
    await using redis = await startRedis();
    const raw = await openRawFor({ onTestFinished }, redis.url);
    const state = await connectState({ client: connect(redis.url), ...patience });
    await state.enqueue("t", entryOf("a"), 5);
    const held = (await state.acquireLock("t", 60_000))!;
    const before = await raw.ask("DBSIZE");
    await raw.ask("CONFIG", "SET", "maxmemory", "1");
    const { acquireLock, set, setIfNotExists, appendToList, enqueue, subscribe } = WRITES;
    const growing = { acquireLock, set, setIfNotExists, appendToList, enqueue, subscribe };
    expect(await codesOf(state, growing as typeof WRITES)).toEqual(all(growing, "UNAVAILABLE"));
    expect(await raw.ask("DBSIZE")).toBe(before);
    await expect(state.set("k", 1)).rejects.toThrow(/OOM/);
    expect(await state.extendLock(held, 60_000)).toBe(true);
    expect((await state.dequeue("t"))?.message.text).toBe("a");
    await state.releaseLock(held);
    await raw.ask("CONFIG", "SET", "maxmemory", "0");
    await state.set("k", 1);
  });

  it("a replica: nothing is written, which is known", async () => {
    await using redis = await startRedis();
    const raw = await openRawFor({ onTestFinished }, redis.url);
    const state = await connectState({ client: connect(redis.url), ...patience });
    await raw.ask("REPLICAOF", "127.0.0.1", "1");
    const { releaseLock: _, extendLock: __, ...writes } = WRITES;
    expect(await codesOf(state, writes)).toEqual(all(writes, "UNAVAILABLE"));
    await expect(state.set("k", 1)).rejects.toThrow(/READONLY/);
    // That may pass while a call waits: a failover.
    const waiting = await connectState({ client: connect(redis.url), retryForMs: 10_000 });
    const call = waiting.setIfNotExists("k", 1);
    await sleep(100);
    await raw.ask("REPLICAOF", "NO", "ONE");
    expect(await call).toBe(true);
  });
});

describe("a user (ACL)", () => {
  async function clientOf(redisUrl: string, ...rules: string[]): Promise<Redis> {
    const admin = await openRaw(redisUrl);
    onTestFinished(() => admin.close());
    await admin.command("ACL", "SETUSER", "bot", "reset", "on", ">pw", ...rules);
    const { host, port } = { host: "127.0.0.1", port: Number(new URL(redisUrl).port) };
    const client = new Redis({ host, port, username: "bot", password: "pw" });
    client.on("error", () => {});
    onTestFinished(() => client.disconnect());
    return client;
  }
  const COMMANDS =
    "evalsha eval get set del pexpire rpush lpop lindex llen lrange ltrim sadd srem sismember scan pttl";

  it("with no more than it needs: the prefix, receipts, and the commands of the scripts", async () => {
    await using redis = await startRedis();
    const prefix = randomPrefix();
    const client = await clientOf(
      redis.url,
      `~${prefix}:*`,
      "~{*}:op:*",
      "-@all",
      ...COMMANDS.split(" ").map((name) => `+${name}`),
    );
    const state = await connectState({ client, keyPrefix: prefix });
    const codes = await codesOf(state, { ...READS, ...WRITES });
    expect(Object.values(codes)).toEqual(Object.values(codes).map(() => undefined));
    // Braces are part of an id, as of a receipt's key.
    for (const id of ["C1:{a}/1.1", "a}b"]) {
      await state.set(id, id);
      expect(await state.get(id)).toBe(id);
    }
  });

  it("without scripts, or without the keys, is told at connect, at once", async () => {
    await using redis = await startRedis();
    for (const rules of [
      ["~*", "+@all", "-@scripting"],
      ["~other:*", "+@all"],
    ]) {
      const client = await clientOf(redis.url, ...rules);
      await expect(connectState({ client, connectTimeoutMs: 60_000 })).rejects.toMatchObject({
        name: "ChatStateError",
        code: "UNSUPPORTED",
        message: expect.stringMatching(/NOPERM/),
      });
      client.disconnect();
    }
  });

  it("without receipts: each write says so, and nothing is written", async () => {
    await using redis = await startRedis();
    const client = await clientOf(redis.url, "~chat-sdk:*", "+@all");
    const state = await connectState({ client });
    expect(await codesOf(state, WRITES)).toEqual(all(WRITES, "UNSUPPORTED"));
    await expect(state.set("k", 1)).rejects.toThrow(/NOPERM/);
    const raw = await openRawFor({ onTestFinished }, redis.url);
    expect(await raw.ask("DBSIZE")).toBe(0);
  });
});
