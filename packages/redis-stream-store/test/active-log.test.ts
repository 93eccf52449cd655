import { setTimeout as sleep } from "node:timers/promises";
import type { EightMethodClient } from "@streambed/redis-driver";
import type { Redis } from "ioredis";
import { expect, it } from "vitest";
import { RedisActiveStreams } from "../src/index.ts";
import { toEightMethods } from "./eight-methods.ts";
import { setUpActive } from "./support-active.ts";

// What is peculiar to clients with the eight plain methods.

it("the log grows by two entries an answer, and is gone after ttlSec", async () => {
  const { redis, active, key } = setUpActive(toEightMethods);
  for (let n = 1; n <= 10; n++) {
    await active.set("chat", `s${n}`);
    await active.set("chat", `s${n}`);
    await active.clear("chat", `s${n}`);
    await active.clear("chat", `s${n}`);
    expect(await redis.llen(key)).toBe(2 * n);
  }
  await active.set("chat", "last", { ttlSec: 1 });
  await active.clear("chat", "last");
  await sleep(1500);
  expect(await redis.exists(key)).toBe(0);
});

it.each(["lrange 1", "rpush", "lrange 2", "expire"])(
  "a log that expires before %s: the pointer is set all the same, and has its TTL",
  async (command) => {
    for (const isTaken of [false, true]) {
      const { redis, prefix, key } = setUpActive(toEightMethods);
      const others = new RedisActiveStreams(toEightMethods(redis), { prefix });
      await others.set("chat", "stale");
      if (!isTaken) await others.clear("chat", "stale");
      const client = expiring(redis, key, { command });
      const active = new RedisActiveStreams(client, { prefix });
      expect(await active.set("chat", "s1", { instead: "stale", ttlSec: 60 })).toBe("s1");
      expect(await others.get("chat")).toBe("s1");
      expect(await redis.ttl(key)).toBeGreaterThan(50);
      expect(await redis.ttl(key)).toBeLessThanOrEqual(60);
    }
  },
);

it("a log that expires before a clear leaves no key without a TTL", async () => {
  const { redis, prefix, key } = setUpActive(toEightMethods);
  const others = new RedisActiveStreams(toEightMethods(redis), { prefix });
  await others.set("chat", "s1");
  const client = expiring(redis, key, { command: "rpush" });
  await new RedisActiveStreams(client, { prefix, ttlSec: 60 }).clear("chat", "s1");
  expect(await others.get("chat")).toBeNull();
  expect(await redis.ttl(key)).toBeGreaterThan(50);
  expect(await others.set("chat", "s2")).toBe("s2");
});

it("any truth will do for the reply to EXPIRE, but not that there is no key", async () => {
  for (const reply of [1, true, "OK", undefined, 1n]) {
    const { redis, prefix } = setUpActive(toEightMethods);
    const client = { ...toEightMethods(redis), expire: async () => reply };
    const active = new RedisActiveStreams(client, { prefix, retryForMs: 1 });
    expect(await active.set("chat", "s1")).toBe("s1");
    await redis.del(`${prefix}:chat`);
  }
  for (const reply of [0, false]) {
    const { redis, prefix } = setUpActive(toEightMethods);
    const client = { ...toEightMethods(redis), expire: async () => reply };
    const active = new RedisActiveStreams(client, { prefix, retryForMs: 1 });
    await expect(active.set("chat", "s1")).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await redis.del(`${prefix}:chat`);
  }
});

/** A client whose log expires, once, before a certain command. */
function expiring(redis: Redis, key: string, before: { command: string }): EightMethodClient {
  const eight = toEightMethods(redis);
  const expire = async (command: string): Promise<void> => {
    if (before.command !== command) return;
    before.command = "";
    await redis.del(key);
  };
  let reads = 0;
  return {
    ...eight,
    lrange: async (...args) => {
      await expire(`lrange ${++reads}`);
      return eight.lrange(...args);
    },
    rpush: (...args) => expire("rpush").then(() => eight.rpush(...args)),
    expire: (...args) => expire("expire").then(() => eight.expire(...args)),
  };
}
