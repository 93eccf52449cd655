import type { Redis as Upstash } from "@upstash/redis";
import type { Cluster as Cluster6, Redis as Ioredis6 } from "ioredis";
import type { Cluster as Cluster5, Redis as Ioredis5 } from "ioredis5";
import type { createClient, createClientPool, createCluster, createSentinel } from "redis";
import type {
  createClient as createClient5,
  createClientPool as createClientPool5,
  createCluster as createCluster5,
  createSentinel as createSentinel5,
} from "redis5";
import { expectTypeOf, test } from "vitest";
import type {
  RedisSubscriber,
  ShardedIoredisSubscriber,
  ShardedNodeRedisSubscriber,
} from "./pub-sub.ts";
import type { RedisClient } from "./redis-client.ts";

/** `toExtend` by other means: that first unfolds the whole of a client's type, which takes the compiler seconds. */
type Extends<T, Expected> = [T] extends [never] ? false : [T] extends [Expected] ? true : false;

test("a client is taken as its library types it, without a cast", () => {
  expectTypeOf<Extends<Ioredis6 | Cluster6, RedisClient>>().toEqualTypeOf<true>();
  expectTypeOf<Extends<Ioredis5 | Cluster5, RedisClient>>().toEqualTypeOf<true>();
  expectTypeOf<Extends<ReturnType<typeof createClient>, RedisClient>>().toEqualTypeOf<true>();
  expectTypeOf<Extends<ReturnType<typeof createCluster>, RedisClient>>().toEqualTypeOf<true>();
  expectTypeOf<Extends<ReturnType<typeof createSentinel>, RedisClient>>().toEqualTypeOf<true>();
  expectTypeOf<Extends<ReturnType<typeof createClientPool>, RedisClient>>().toEqualTypeOf<true>();
  expectTypeOf<Extends<ReturnType<typeof createClient5>, RedisClient>>().toEqualTypeOf<true>();
  expectTypeOf<Extends<ReturnType<typeof createCluster5>, RedisClient>>().toEqualTypeOf<true>();
  expectTypeOf<Extends<ReturnType<typeof createSentinel5>, RedisClient>>().toEqualTypeOf<true>();
  expectTypeOf<Extends<ReturnType<typeof createClientPool5>, RedisClient>>().toEqualTypeOf<true>();
  expectTypeOf<Extends<Upstash, RedisClient>>().toEqualTypeOf<true>();
});

test("so is one that is given for messages only", () => {
  expectTypeOf<Extends<Ioredis6 | Ioredis5, RedisSubscriber>>().toEqualTypeOf<true>();
  expectTypeOf<Extends<ReturnType<typeof createClient>, RedisSubscriber>>().toEqualTypeOf<true>();
  expectTypeOf<Extends<ReturnType<typeof createClient5>, RedisSubscriber>>().toEqualTypeOf<true>();
  expectTypeOf<
    Extends<Cluster6 | Cluster5, RedisSubscriber & ShardedIoredisSubscriber>
  >().toEqualTypeOf<true>();
  expectTypeOf<Extends<ReturnType<typeof createCluster>, RedisSubscriber>>().toEqualTypeOf<true>();
  expectTypeOf<
    Extends<ReturnType<typeof createCluster>, ShardedNodeRedisSubscriber>
  >().toEqualTypeOf<true>();
  expectTypeOf<
    Extends<ReturnType<typeof createCluster5>, ShardedNodeRedisSubscriber>
  >().toEqualTypeOf<true>();
});

test("anything else is refused", () => {
  expectTypeOf<Extends<object, RedisClient>>().toEqualTypeOf<false>();
  expectTypeOf<
    Extends<{ get(key: string): Promise<string | null> }, RedisClient>
  >().toEqualTypeOf<false>();
});
