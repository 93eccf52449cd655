import { describe, expect, it } from "vitest";
import type { RedisClient } from "./redis-client.ts";
import type { RedisScript, ScriptDriver } from "./redis-driver.ts";
import { toDriver, toPubSub } from "./to-driver.ts";

const script: RedisScript = { name: "s", source: "return 1", sha1: "abc" };
const nothing = async (): Promise<null> => null;
const METHODS = ["get", "set", "exists", "rpush", "lrange", "llen", "expire", "del"];
const eight = Object.fromEntries(METHODS.map((method) => [method, nothing]));
const emitter = { on() {}, off() {}, subscribe: nothing, unsubscribe: nothing };

/** A client that does not know the script until it has its source. */
function fake(extra: object, reply: unknown = [1, "x"]) {
  const calls: unknown[][] = [];
  const refuse = async (...args: unknown[]): Promise<unknown> => {
    calls.push(args);
    throw new Error("NOSCRIPT No matching script. Please use EVAL.");
  };
  const run = async (...args: unknown[]): Promise<unknown> => {
    calls.push(args);
    return reply;
  };
  const client = { ...eight, evalsha: refuse, evalSha: refuse, eval: run, ...extra };
  return { calls, client: client as unknown as RedisClient };
}

const ioredis = { evalSha: undefined, defineCommand() {}, call: nothing, ...emitter };
const nodeRedis = { evalsha: undefined, ...emitter };
const upstash = { evalSha: undefined };
const driverOf = (client: RedisClient): ScriptDriver => toDriver(client) as ScriptDriver;

it("toDriver knows what a client puts before every key", () => {
  const prefixOf = (extra: object): string => driverOf(fake(extra).client).keyPrefix;
  expect(prefixOf(ioredis)).toBe("");
  expect(prefixOf({ ...ioredis, options: { keyPrefix: "P:" } })).toBe("P:");
  expect(prefixOf({ ...ioredis, options: { redisOptions: { keyPrefix: "P:" } } })).toBe("P:");
  expect(prefixOf({ ...ioredis, options: { keyPrefix: Buffer.from("P:") } })).toBe("P:");
  expect(prefixOf(nodeRedis)).toBe("");
  expect(prefixOf({ ...nodeRedis, _keyPrefix: "P:" })).toBe("P:");
  expect(prefixOf(upstash)).toBe("");
});

it.each(["evalsha", "eval"])(
  "the server's line is what an error of @upstash/redis begins with: %s",
  async (method) => {
    const refuse = async (): Promise<never> => {
      throw new Error("Command failed: WRONGTYPE no\nlist");
    };
    const { client } = fake({ ...upstash, [method]: refuse });
    await expect(driverOf(client).run(script, ["k"], [])).rejects.toThrow(/^WRONGTYPE no\nlist$/);
  },
);

describe("toDriver sends a script by hash, then by source, as the client wants it", () => {
  it("ioredis", async () => {
    const { calls, client } = fake(ioredis);
    expect(await driverOf(client).run(script, ["k"], ["a"])).toEqual([1, "x"]);
    expect(calls).toEqual([
      ["abc", 1, "k", "", "a"],
      ["return 1", 1, "k", "", "a"],
    ]);
  });

  it("ioredis with stringNumbers", async () => {
    const { calls, client } = fake({ ...ioredis, options: { stringNumbers: true } }, ["1", "=2"]);
    expect(await driverOf(client).run(script, ["k"], [])).toEqual([1, "2"]);
    expect(calls[0]).toEqual(["abc", 1, "k", "="]);
  });

  it("node-redis", async () => {
    const { calls, client } = fake({ ...nodeRedis, isOpen: true });
    expect(await driverOf(client).run(script, ["k"], ["a"])).toEqual([1, "x"]);
    const options = { keys: ["k"], arguments: ["", "a"] };
    expect(calls).toEqual([
      ["abc", options],
      ["return 1", options],
    ]);
  });

  it("@upstash/redis, which marks strings", async () => {
    const { calls, client } = fake(upstash, [1, "=x", "=", "=="]);
    expect(await driverOf(client).run(script, ["k"], ["a"])).toEqual([1, "x", "", "="]);
    expect(calls.at(-1)).toEqual(["return 1", ["k"], ["=", "a"]]);
  });
});

describe("toDriver knows", () => {
  it("clusters and REST", () => {
    expect(driverOf(fake(ioredis).client)).toMatchObject({ isCluster: false, isRest: false });
    expect(driverOf(fake({ ...ioredis, isCluster: true }).client).isCluster).toBe(true);
    expect(driverOf(fake({ ...nodeRedis, slots: [] }).client).isCluster).toBe(true);
    expect(driverOf(fake(upstash).client)).toMatchObject({ isCluster: false, isRest: true });
  });

  it("who can subscribe, and who must prove RESP3 for it", () => {
    const proof = (extra: object): unknown => driverOf(fake(extra).client).pubSub?.speaksResp3;
    expect(proof(ioredis)).toBeTypeOf("function");
    expect(proof(nodeRedis)).toBeTypeOf("function");
    for (const own of [
      { ...ioredis, isCluster: true },
      { ...nodeRedis, slots: [] },
      { ...nodeRedis, getSentinelNode() {} },
    ]) {
      expect(driverOf(fake(own).client).pubSub).toBeDefined();
      expect(proof(own)).toBeUndefined();
    }
    expect(driverOf(fake({ ...nodeRedis, subscribe: undefined }).client).pubSub).toBeUndefined();
    expect(driverOf(fake(upstash).client).pubSub).toBeUndefined();
  });

  it("any object with the eight methods, and says what another lacks", () => {
    const client = eight as unknown as RedisClient;
    expect(toDriver(client)).toEqual({ commands: client });
    const { llen: _, ...seven } = eight;
    expect(() => toDriver(seven as unknown as RedisClient)).toThrow(/lacks llen: pass a client/);
    for (const none of [undefined, null, 3, "redis://localhost", {}, [], Symbol("redis")]) {
      expect(() => toDriver(none as never)).toThrow(
        expect.objectContaining({ code: "UNSUPPORTED" }),
      );
    }
  });
});

describe("what cannot work is refused before anything is sent", () => {
  it.each([
    ["ioredis that is closed", { ...ioredis, status: "end" }, /closed/],
    ["node-redis that is not connected", { ...nodeRedis, isOpen: false }, /not connected/],
  ])("%s", async (_, extra, message) => {
    const { calls, client } = fake(extra);
    const run = driverOf(client).run(script, [], []);
    await expect(run).rejects.toMatchObject({
      code: "UNSUPPORTED",
      message: expect.stringMatching(message),
    });
    expect(calls).toEqual([]);
  });

  it("toPubSub takes clients of ioredis and node-redis only", () => {
    expect(toPubSub(fake(ioredis).client as never).speaksResp3).toBeUndefined();
    expect(toPubSub(fake(nodeRedis).client as never).speaksResp3).toBeUndefined();
    for (const none of [
      fake(upstash).client,
      { evalSha() {} },
      eight,
      {},
      emitter,
      null,
      undefined,
    ]) {
      expect(() => toPubSub(none as never)).toThrow(/subscriber must be a client of/);
    }
  });
});
