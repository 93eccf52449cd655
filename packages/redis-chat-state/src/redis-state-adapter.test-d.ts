import type { Redis as Upstash } from "@upstash/redis";
import type { ChatConfig, StateAdapter } from "chat";
import type { EightMethodClient } from "@streambed/redis-driver";
import type { Cluster as Cluster6, Redis as Ioredis6 } from "ioredis";
import type { Cluster as Cluster5, Redis as Ioredis5 } from "ioredis5";
import type { createClient, createClientPool, createCluster, createSentinel } from "redis";
import type { createClient as createClient5, createCluster as createCluster5 } from "redis5";
import { expectTypeOf, test } from "vitest";
import type {
  createIoRedisState,
  createRedisState,
  IoRedisStateAdapter,
  RedisStateAdapter,
  RedisStateAdapterOptions,
} from "./index.ts";
import type { createIoRedisState as createOwnIoredis } from "./ioredis.ts";
import type { createRedisState as createOwnNodeRedis } from "./node-redis.ts";

/** `toExtend` by other means: that first unfolds the whole of a client's type, which takes the compiler seconds. */
type Extends<T, Expected> = [T] extends [never] ? false : [T] extends [Expected] ? true : false;
type Client = RedisStateAdapterOptions["client"];

test("a bot takes it as its state", () => {
  expectTypeOf<RedisStateAdapter>().toExtend<StateAdapter>();
  expectTypeOf<Extends<RedisStateAdapter, ChatConfig["state"]>>().toEqualTypeOf<true>();
  expectTypeOf<Extends<IoRedisStateAdapter, ChatConfig["state"]>>().toEqualTypeOf<true>();
  for (const create of [] as (
    | typeof createRedisState
    | typeof createIoRedisState
    | typeof createOwnIoredis
    | typeof createOwnNodeRedis
  )[]) {
    expectTypeOf<Extends<ReturnType<typeof create>, ChatConfig["state"]>>().toEqualTypeOf<true>();
  }
});

test("a client is taken as its library types it, without a cast", () => {
  expectTypeOf<Extends<Ioredis6 | Cluster6, Client>>().toEqualTypeOf<true>();
  expectTypeOf<Extends<Ioredis5 | Cluster5, Client>>().toEqualTypeOf<true>();
  expectTypeOf<Extends<ReturnType<typeof createClient>, Client>>().toEqualTypeOf<true>();
  expectTypeOf<Extends<ReturnType<typeof createCluster>, Client>>().toEqualTypeOf<true>();
  expectTypeOf<Extends<ReturnType<typeof createSentinel>, Client>>().toEqualTypeOf<true>();
  expectTypeOf<Extends<ReturnType<typeof createClientPool>, Client>>().toEqualTypeOf<true>();
  expectTypeOf<Extends<ReturnType<typeof createClient5>, Client>>().toEqualTypeOf<true>();
  expectTypeOf<Extends<ReturnType<typeof createCluster5>, Client>>().toEqualTypeOf<true>();
  expectTypeOf<Extends<Upstash, Client>>().toEqualTypeOf<true>();
  expectTypeOf<Extends<object, Client>>().toEqualTypeOf<false>();
  // It runs no scripts.
  expectTypeOf<Extends<EightMethodClient, Client>>().toEqualTypeOf<false>();
});

test("the entries with a client of their own hand out their library's client", () => {
  type IoClient = ReturnType<ReturnType<typeof createOwnIoredis>["getClient"]>;
  type NodeClient = ReturnType<ReturnType<typeof createOwnNodeRedis>["getClient"]>;
  const makeClient = (create: typeof createClient) => create({ url: "redis://localhost" });
  expectTypeOf<IoClient>().toEqualTypeOf<Ioredis6>();
  expectTypeOf<Extends<NodeClient, ReturnType<typeof makeClient>>>().toEqualTypeOf<true>();
  expectTypeOf<Extends<ReturnType<typeof makeClient>, NodeClient>>().toEqualTypeOf<true>();
});

test("the entries with a client of their own take either, or nothing", () => {
  type Io = Parameters<typeof createOwnIoredis>[0];
  type Node = Parameters<typeof createOwnNodeRedis>[0];
  expectTypeOf<Extends<undefined | { url: string; keyPrefix: string }, Io>>().toEqualTypeOf<true>();
  expectTypeOf<Extends<undefined | { url?: string }, Node>>().toEqualTypeOf<true>();
  expectTypeOf<Extends<{ client: undefined; url: string }, Node>>().toEqualTypeOf<true>();
  expectTypeOf<Extends<{ client: Ioredis6 | Cluster5 }, Io>>().toEqualTypeOf<true>();
  expectTypeOf<Extends<{ client: ReturnType<typeof createCluster> }, Node>>().toEqualTypeOf<true>();
  expectTypeOf<Extends<{ url: number }, Io | Node>>().toEqualTypeOf<false>();
  expectTypeOf<Extends<Record<string, never>, RedisStateAdapterOptions>>().toEqualTypeOf<false>();
});
