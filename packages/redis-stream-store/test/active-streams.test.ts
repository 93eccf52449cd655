import { randomUUID } from "node:crypto";
import type { RedisClient } from "@streambed/redis-driver";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { describe, expect, inject, it, onTestFinished } from "vitest";
import { RedisActiveStreams } from "../src/index.ts";
import { connect, proxyTo, randomPrefix } from "./clients.ts";
import { toEightMethods } from "./eight-methods.ts";
import { setUpActive } from "./support-active.ts";

const url = (): string => inject("redisUrl");

/** The two levels. */
const LEVELS: [string, (redis: Redis) => RedisClient][] = [
  ["scripts", (redis) => redis],
  ["eight methods", (redis) => toEightMethods(redis)],
];

describe.each(LEVELS)("%s", (name, level) => {
  const log = (...entries: object[]): string[] => entries.map((entry) => JSON.stringify(entry));

  it("the key is what PROTOCOL.md says, and expires from the first write", async () => {
    const { redis, active, key, prefix } = setUpActive(level);
    expect(await active.set("chat", "s1")).toBe("s1");
    await active.set("chat", "s2", { instead: "s1", ttlSec: 500 });
    expect(await redis.keys(`${prefix}*`)).toEqual([key]);
    if (name === "scripts") expect(await redis.get(key)).toBe("s2");
    else {
      const entries = log({ set: "s1" }, { set: "s2", instead: "s1" });
      expect(await redis.lrange(key, 0, -1)).toEqual(entries);
    }
    expect(await redis.ttl(key)).toBeGreaterThan(490);
    expect(await redis.ttl(key)).toBeLessThanOrEqual(500);
  });

  it("86,400 s is the default, the constructor's ttlSec goes before it", async () => {
    for (const [options, ttlSec] of [
      [{}, 86_400],
      [{ ttlSec: 77 }, 77],
    ] as const) {
      const { redis, active, key } = setUpActive(level, options);
      await active.set("chat", "s1");
      expect(await redis.ttl(key)).toBeGreaterThan(ttlSec - 10);
      expect(await redis.ttl(key)).toBeLessThanOrEqual(ttlSec);
    }
  });

  it("the default prefix is streambed:active", async () => {
    const { redis } = setUpActive(level);
    const chat = randomUUID();
    const active = new RedisActiveStreams(level(redis));
    await active.set(chat, "s1", { ttlSec: 5 });
    expect(await redis.del(`streambed:active:${chat}`)).toBe(1);
  });

  const ours = name === "scripts" ? "a log of the other level" : "an id of the other level";
  const FOREIGN: [what: string, put: (redis: Redis, key: string) => Promise<unknown>][] = [
    ["a hash", (redis, key) => redis.hset(key, "s1", "s1")],
    ["an empty string", (redis, key) => redis.set(key, "")],
    ["what is no id", (redis, key) => redis.set(key, "s 1")],
    ["an id and a line end", (redis, key) => redis.set(key, "s1\n")],
    ["an id and NUL", (redis, key) => redis.set(key, "s1\0")],
    ["an id that is too long", (redis, key) => redis.set(key, "x".repeat(257))],
    ["letters of elsewhere", (redis, key) => redis.set(key, "s\u00e4")],
    ["JSON", (redis, key) => redis.set(key, '{"set":"s1"}')],
    ["a list of somebody's", (redis, key) => redis.rpush(key, "s1")],
    ["a list of JSON", (redis, key) => redis.rpush(key, "{}", "null", "[]", '"s1"')],
    ["a log with an odd entry", (redis, key) => redis.rpush(key, '{"set":"s1"}', '{"set":5}')],
    ["a log with a bad id", (redis, key) => redis.rpush(key, '{"set":"s1","instead":""}')],
    ["a log with both", (redis, key) => redis.rpush(key, '{"set":"s1","clear":"s1"}')],
    [
      ours,
      (redis, key) =>
        name === "scripts" ? redis.rpush(key, '{"set":"s1"}') : redis.set(key, "s1"),
    ],
  ];

  it.each(FOREIGN)("a key that holds %s is UNSUPPORTED, and stays as it is", async (_, put) => {
    const { redis, active, key } = setUpActive(level);
    await put(redis, key);
    const before = await redis.dump(key);
    const calls = [
      () => active.get("chat"),
      () => active.set("chat", "s1"),
      () => active.set("chat", "s2", { instead: "s1", ttlSec: 5 }),
      () => active.clear("chat", "s1"),
    ];
    for (const call of calls) {
      await expect(call()).rejects.toMatchObject({
        name: "StreamError",
        code: "UNSUPPORTED",
        message: expect.stringContaining(key),
      });
    }
    expect(await redis.dump(key)).toEqual(before);
    expect(await redis.ttl(key)).toBe(-1);
  });

  it("what has no effect writes nothing", async () => {
    const { redis, active, key } = setUpActive(level);
    await active.clear("chat", "s1");
    expect(await active.get("chat")).toBeNull();
    expect(await redis.exists(key)).toBe(0);
    await active.set("chat", "s1", { ttlSec: 500 });
    const before = await redis.dump(key);
    await active.set("chat", "s2", { ttlSec: 5 });
    await active.set("chat", "s2", { instead: "s3", ttlSec: 5 });
    await active.clear("chat", "s2");
    await active.get("chat");
    expect(await redis.dump(key)).toEqual(before);
    expect(await redis.ttl(key)).toBeGreaterThan(490);
  });

  it("a server that is away is UNAVAILABLE with its cause, after retryForMs", async () => {
    const proxy = await proxyTo(url());
    const redis = level(connect(proxy.url));
    const options = { prefix: randomPrefix(), timeoutMs: 100, retryForMs: 300 };
    const active = new RedisActiveStreams(redis, options);
    await active.set("chat", "s1");
    proxy.blackhole(true);
    const calls = [active.get("chat"), active.set("chat", "s1"), active.clear("chat", "s1")];
    const cause = expect.objectContaining({ message: "no reply within 100 ms" });
    for (const call of await Promise.allSettled(calls)) {
      expect(call).toMatchObject({ reason: { code: "UNAVAILABLE", cause } });
    }
  });

  it("bad options of the constructor are refused", () => {
    const redis = connect(url());
    for (const bad of [{ ttlSec: 0 }, { timeoutMs: -1 }, { retryForMs: 1.5 }]) {
      expect(() => new RedisActiveStreams(level(redis), bad)).toThrow(
        expect.objectContaining({ code: "INVALID_OPTION" }),
      );
    }
  });
});

describe("scripts", () => {
  it("one command a call, and the server's version once", async () => {
    const proxy = await proxyTo(url());
    const warm = new RedisActiveStreams(connect(proxy.url), { prefix: randomPrefix() });
    await warm.set("chat", "s1");
    await warm.clear("chat", "s1");
    await warm.get("chat");
    const active = new RedisActiveStreams(connect(proxy.url), { prefix: randomPrefix() });
    await active.get("chat");
    proxy.resetCounts();
    await active.set("chat", "s1");
    await active.get("chat");
    await active.clear("chat", "s1");
    expect(proxy.counts).toMatchObject({ EVALSHA: 3 });
  });

  it("are sent again where the server has forgotten them", async () => {
    const { redis, active } = setUpActive((client) => client);
    for (const id of ["s1", "s2"]) {
      await redis.script("FLUSH");
      expect(await active.set("chat", id)).toBe(id);
      await redis.script("FLUSH");
      expect(await active.get("chat")).toBe(id);
      await redis.script("FLUSH");
      await active.clear("chat", id);
    }
  });

  it("need of an ACL user what the README names, and no more", async () => {
    const { redis, prefix } = setUpActive((client) => client);
    const username = `user-${randomUUID()}`;
    const rights = [`~${prefix}:*`, "-@all", "+eval", "+evalsha", "+get", "+set", "+del"];
    await redis.call("ACL", "SETUSER", username, "on", ">pw", "resetchannels", ...rights);
    onTestFinished(async () => {
      const remover = new Redis(url());
      await remover.call("ACL", "DELUSER", username);
      remover.disconnect();
    });
    const client = new Redis(url(), { username, password: "pw", enableReadyCheck: false });
    onTestFinished(() => client.disconnect());
    const active = new RedisActiveStreams(client, { prefix });
    expect(await active.set("chat", "s1")).toBe("s1");
    expect(await active.get("chat")).toBe("s1");
    await active.clear("chat", "s1");
    const elsewhere = new RedisActiveStreams(client, { prefix: randomPrefix() });
    await expect(elsewhere.get("chat")).rejects.toMatchObject({ code: "UNSUPPORTED" });
  });

  it("a client that is not connected is told", async () => {
    const active = new RedisActiveStreams(createClient({ url: url() }));
    await expect(active.get("chat")).rejects.toMatchObject({
      code: "UNSUPPORTED",
      message: expect.stringContaining("not connected"),
    });
  });
});
