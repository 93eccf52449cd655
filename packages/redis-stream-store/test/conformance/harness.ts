import { randomUUID } from "node:crypto";
import { activeStreamsConformance, streamStoreConformance } from "@streambed/conformance";
import type { StreamStoreHarness } from "@streambed/conformance";
import type { RedisClient } from "@streambed/redis-driver";
import { askRedis } from "@streambed/test-kit";
import { inject } from "vitest";
import { RedisActiveStreams, RedisStreamStore } from "../../src/index.ts";
import type { RedisStreamStoreOptions } from "../../src/index.ts";

export interface RedisConformanceOptions extends Pick<
  StreamStoreHarness,
  "deviations" | "leaseStepMs" | "patience"
> {
  /** Two clients, so that a store and its peer share nothing but the server. */
  clients: [store: () => RedisClient, peer: () => RedisClient];
  store?: RedisStreamStoreOptions;
  /** Of the other process. @default as `store` */
  peer?: RedisStreamStoreOptions;
  /** Takes the last element off a list. @default on the shared Redis */
  popLast?: (list: string) => Promise<unknown>;
  /** Whether ids stand in braces, as they do over a cluster client. @default false */
  hashTag?: boolean;
}

/** The suites over the given clients, under a prefix of their own. */
export function redisConformance(name: string, options: RedisConformanceOptions): void {
  const { clients, store, peer = store, hashTag = false, popLast = popShared, ...traits } = options;
  const prefix = `conformance:${randomUUID()}`;
  streamStoreConformance(`RedisStreamStore over ${name}`, {
    ...traits,
    sideBySide: true,
    create: (limits) => new RedisStreamStore(clients[0](), { ...store, ...limits, prefix }),
    createPeer: (_, limits) => new RedisStreamStore(clients[1](), { ...peer, ...limits, prefix }),
    foreignTimers: ["@redis/client", "/ioredis/"],
    async loseChunk(_, id) {
      await popLast(`${prefix}:${hashTag ? `{${id}}` : id}:chunks`);
    },
  });
  // Push is about streams: pointers have been here with the same clients.
  if (store !== undefined) return;
  const active = { prefix: `${prefix}:active`, ttlSec: 300 };
  activeStreamsConformance(`RedisActiveStreams over ${name}`, {
    patience: options.patience,
    sideBySide: true,
    create: (limits) => new RedisActiveStreams(clients[0](), { ...active, ...limits }),
    createPeer: (_, limits) => new RedisActiveStreams(clients[1](), { ...active, ...limits }),
  });
}

async function popShared(list: string): Promise<void> {
  const { hostname, port } = new URL(inject("redisUrl"));
  await askRedis({ host: hostname, port: Number(port) }, "RPOP", list);
}
