import type { Cluster, Redis } from "ioredis";
import type { Redis as Redis5 } from "ioredis5";
import { expectTypeOf, test } from "vitest";
import type { RedisClient } from "./redis-client.ts";

test("a client is taken as its library types it, without a cast", () => {
  expectTypeOf<Redis>().toExtend<RedisClient>();
  expectTypeOf<Redis5>().toExtend<RedisClient>();
  expectTypeOf<Cluster>().toExtend<RedisClient>();
});

test("anything else is refused", () => {
  expectTypeOf<object>().not.toExtend<RedisClient>();
  expectTypeOf<{ get(key: string): Promise<string | null> }>().not.toExtend<RedisClient>();
});
