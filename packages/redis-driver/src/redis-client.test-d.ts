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

test("a client is taken as its library types it, without a cast", () => {
  expectTypeOf<Ioredis6 | Cluster6>().toExtend<RedisClient>();
  expectTypeOf<Ioredis5 | Cluster5>().toExtend<RedisClient>();
  expectTypeOf<ReturnType<typeof createClient>>().toExtend<RedisClient>();
  expectTypeOf<ReturnType<typeof createCluster>>().toExtend<RedisClient>();
  expectTypeOf<ReturnType<typeof createSentinel>>().toExtend<RedisClient>();
  expectTypeOf<ReturnType<typeof createClientPool>>().toExtend<RedisClient>();
  expectTypeOf<ReturnType<typeof createClient5>>().toExtend<RedisClient>();
  expectTypeOf<ReturnType<typeof createCluster5>>().toExtend<RedisClient>();
  expectTypeOf<ReturnType<typeof createSentinel5>>().toExtend<RedisClient>();
  expectTypeOf<ReturnType<typeof createClientPool5>>().toExtend<RedisClient>();
  expectTypeOf<Upstash>().toExtend<RedisClient>();
});

test("so is one that is given for messages only", () => {
  expectTypeOf<Ioredis6 | Ioredis5>().toExtend<RedisSubscriber>();
  expectTypeOf<ReturnType<typeof createClient>>().toExtend<RedisSubscriber>();
  expectTypeOf<ReturnType<typeof createClient5>>().toExtend<RedisSubscriber>();
  expectTypeOf<Cluster6 | Cluster5>().toExtend<RedisSubscriber & ShardedIoredisSubscriber>();
  expectTypeOf<ReturnType<typeof createCluster>>().toExtend<RedisSubscriber>();
  expectTypeOf<ReturnType<typeof createCluster>>().toExtend<ShardedNodeRedisSubscriber>();
  expectTypeOf<ReturnType<typeof createCluster5>>().toExtend<ShardedNodeRedisSubscriber>();
});

test("anything else is refused", () => {
  expectTypeOf<object>().not.toExtend<RedisClient>();
  expectTypeOf<{ get(key: string): Promise<string | null> }>().not.toExtend<RedisClient>();
});
