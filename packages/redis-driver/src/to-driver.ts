import { StreamError } from "@streambed/core/contracts";
import { fromIoredis, isIoredis, prefixOf } from "./from-ioredis.ts";
import { fromNodeRedis, isNodeRedis } from "./from-node-redis.ts";
import { fromUpstash, isUpstash } from "./from-upstash.ts";
import {
  ioredisPubSub,
  nodeRedisPubSub,
  shardedIoredisPubSub,
  shardedNodeRedisPubSub,
} from "./pub-sub.ts";
import type {
  NodeRedisSubscriber,
  PubSub,
  RedisSubscriber,
  ShardedIoredisSubscriber,
  ShardedNodeRedisSubscriber,
} from "./pub-sub.ts";
import type { EightMethodClient, RedisClient } from "./redis-client.ts";
import type { RedisDriver } from "./redis-driver.ts";

const METHODS = ["get", "set", "exists", "rpush", "lrange", "llen", "expire", "del"] as const;

/**
 * The driver for a client, by what the client can do.
 *
 * @throws StreamError `UNSUPPORTED` if it is none of those we know
 */
export function toDriver(client: RedisClient): RedisDriver {
  if (typeof client !== "object" && typeof client !== "function") throw unsupported(METHODS);
  if (client === null) throw unsupported(METHODS);
  if (isIoredis(client)) return fromIoredis(client);
  if (isNodeRedis(client)) return fromNodeRedis(client);
  if (isUpstash(client)) return fromUpstash(client);
  const methods: Partial<EightMethodClient> = client;
  const missing = METHODS.filter((method) => typeof methods[method] !== "function");
  if (missing.length > 0) throw unsupported(missing);
  return { commands: client };
}

/**
 * Messages over a client that is given for nothing else.
 *
 * @throws StreamError `UNSUPPORTED` if it is no client of ioredis or node-redis
 */
export function toPubSub(subscriber: RedisSubscriber): PubSub {
  if (typeof subscriber === "object" && subscriber !== null && "subscribe" in subscriber) {
    if (isIoredis(subscriber)) return ioredisPubSub(subscriber, undefined);
    if (isNodeRedis(subscriber)) {
      return nodeRedisPubSub(subscriber as NodeRedisSubscriber, undefined);
    }
  }
  throw new StreamError("UNSUPPORTED", "subscriber must be a client of ioredis or redis");
}

/**
 * Messages over shard channels: of ioredis' Cluster if it was made for them, and of node-redis' cluster.
 * Other clients gain nothing by them, and ioredis forgets its plain channels over them.
 *
 * @throws StreamError `UNSUPPORTED` for any other client
 */
export function toShardedPubSub(client: RedisClient | RedisSubscriber): PubSub {
  if (isIoredis(client) && followsShards(client)) return shardedIoredisPubSub(client);
  if (isNodeRedis(client) && isNodeRedisCluster(client)) return shardedNodeRedisPubSub(client);
  throw new StreamError(
    "UNSUPPORTED",
    "shard channels need a cluster client: ioredis' Cluster with shardedSubscribers: true and without a keyPrefix, or node-redis' createCluster",
  );
}

interface ShardOptions {
  shardedSubscribers?: boolean;
  keyPrefix?: string | Uint8Array;
  redisOptions?: { keyPrefix?: string | Uint8Array };
}

/** A keyPrefix would go before the channel, where no script knows of it. */
function followsShards(
  client: object & { options?: ShardOptions },
): client is ShardedIoredisSubscriber {
  const { shardedSubscribers } = client.options ?? {};
  return (
    "isCluster" in client &&
    client.isCluster === true &&
    shardedSubscribers === true &&
    !prefixOf(client)
  );
}

function isNodeRedisCluster(client: object): client is ShardedNodeRedisSubscriber {
  return "slots" in client && "sSubscribe" in client;
}

function unsupported(missing: readonly string[]): StreamError {
  return new StreamError(
    "UNSUPPORTED",
    `this Redis client lacks ${missing.join(", ")}: pass a client of ioredis, redis or @upstash/redis, or any object with ${METHODS.join(", ")}`,
  );
}
