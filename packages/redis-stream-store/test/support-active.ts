import type { RedisClient } from "@streambed/redis-driver";
import type { Redis } from "ioredis";
import { inject } from "vitest";
import { RedisActiveStreams } from "../src/index.ts";
import { connect, randomPrefix } from "./clients.ts";

/** Pointers of their own over the shared Redis, for one test; `key` is that of the chat "chat". */
export function setUpActive(
  level: (redis: Redis) => RedisClient,
  options: { ttlSec?: number } = {},
) {
  const redis = connect(inject("redisUrl"));
  const prefix = randomPrefix();
  const active = new RedisActiveStreams(level(redis), { prefix, ...options });
  return { redis, prefix, active, key: `${prefix}:chat` };
}
