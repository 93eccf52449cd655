import { randomUUID } from "node:crypto";
import { streamStoreConformance } from "@streambed/conformance";
import type { Deviation } from "@streambed/conformance";
import type { RedisClient } from "@streambed/redis-driver";
import { askRedis } from "@streambed/test-kit";
import { inject } from "vitest";
import { RedisStreamStore } from "../../src/index.ts";
import type { RedisStreamStoreOptions } from "../../src/index.ts";

export interface RedisConformanceOptions {
  /** Two clients, so that a store and its peer share nothing but the server. */
  clients: [store: () => RedisClient, peer: () => RedisClient];
  store?: RedisStreamStoreOptions;
  deviations?: Deviation[];
}

/** The suite on the shared Redis, over the given clients, under a prefix of its own. */
export function redisConformance(name: string, options: RedisConformanceOptions): void {
  const { clients, store, deviations } = options;
  const prefix = `conformance:${randomUUID()}`;
  const { hostname, port } = new URL(inject("redisUrl"));
  streamStoreConformance(`RedisStreamStore over ${name}`, {
    create: (limits) => new RedisStreamStore(clients[0](), { ...store, ...limits, prefix }),
    createPeer: (_, limits) => new RedisStreamStore(clients[1](), { ...store, ...limits, prefix }),
    foreignTimers: ["@redis/client"],
    async loseChunk(_, id) {
      await askRedis({ host: hostname, port: Number(port) }, "RPOP", `${prefix}:${id}:chunks`);
    },
    ...(deviations ? { deviations } : {}),
  });
}
