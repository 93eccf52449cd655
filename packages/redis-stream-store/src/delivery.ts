import { StreamError } from "@streambed/core/contracts";
import { toPubSub, toShardedPubSub } from "@streambed/redis-driver";
import type { PubSub, RedisClient, RedisDriver, RedisSubscriber } from "@streambed/redis-driver";
import type { PollPace } from "./poll-schedule.ts";

export interface DeliveryOptions {
  /** Milliseconds between two looks at a stream that another process writes. @default 50; 250 over REST */
  pollIntervalMs?: number | undefined;
  /**
   * Lets the server announce changes, over a subscription on the same connection. Needs RESP3 (the
   * default of ioredis 6 and node-redis 6), or a client of a cluster or of node-redis' Sentinel, which
   * opens a connection of its own for messages.
   *
   * `"sharded"`, for clients of a cluster of Redis 7: over shard channels, which only the nodes of the
   * stream's own shard hear of. ioredis' Cluster must be made with `shardedSubscribers: true`.
   *
   * @default false: polling
   */
  push?: boolean | "sharded" | undefined;
  /** A connected client for announcements only, so that `redis` stays as it is. Implies `push`. */
  subscriber?: RedisSubscriber | undefined;
}

/** REST requests are slow and billed, and on a cluster no request serves two streams: what is quiet is looked at less often. */
export function pollPace(driver: RedisDriver, { pollIntervalMs }: DeliveryOptions): PollPace {
  const isRest = "run" in driver && driver.isRest;
  const isCluster = "run" in driver && driver.isCluster;
  const firstMs = pollIntervalMs ?? (isRest ? 250 : 50);
  return { firstMs, mostMs: Math.max(firstMs, isRest ? 2_000 : isCluster ? 1_000 : 0) };
}

/** What push takes, if it is asked for. @throws StreamError `UNSUPPORTED` if the client cannot do it, `INVALID_OPTION` */
export function choosePush(
  driver: RedisDriver,
  { push = false, subscriber }: DeliveryOptions,
  redis: RedisClient,
): PubSub | undefined {
  if (typeof push !== "boolean" && push !== "sharded") {
    throw new StreamError("INVALID_OPTION", 'push must be true, false or "sharded"');
  }
  if (!push && subscriber === undefined) return undefined;
  if (!("run" in driver)) {
    throw new StreamError("UNSUPPORTED", "push needs a client that runs scripts");
  }
  if (push === "sharded") return toShardedPubSub(subscriber ?? redis);
  // The client for commands under another name is to be as careful with.
  const isShared = subscriber === undefined || subscriber === redis;
  const pubSub = isShared ? driver.pubSub : toPubSub(subscriber);
  if (pubSub === undefined) {
    throw new StreamError(
      "UNSUPPORTED",
      "this client cannot subscribe: pass another as subscriber",
    );
  }
  return pubSub;
}
