import { randomUUID } from "node:crypto";
import { streamStoreConformance } from "@streambed/conformance";
import type { StreamStoreHarness } from "@streambed/conformance";
import type { RedisClient } from "@streambed/redis-driver";
import { askRedis } from "@streambed/test-kit";
import { inject } from "vitest";
import { RedisRunLogStore } from "../../src/index.ts";
import type { RedisRunLogStoreOptions } from "../../src/index.ts";

type Ask = (...command: string[]) => Promise<unknown>;

export interface RunLogConformanceOptions extends Pick<
  StreamStoreHarness,
  "deviations" | "patience"
> {
  /** Two clients, so that a store and its peer share nothing but the server. */
  clients: [store: () => RedisClient, peer: () => RedisClient];
  store?: RedisRunLogStoreOptions;
  /** A command to the server. @default to the shared Redis */
  ask?: Ask;
}

/** The suite over the given clients, under a prefix of its own. */
export function runLogConformance(name: string, options: RunLogConformanceOptions): void {
  const { clients, store, ask = askShared, ...traits } = options;
  const prefix = `conformance:${randomUUID()}`;
  streamStoreConformance(`RedisRunLogStore over ${name}`, {
    ...traits,
    sideBySide: true,
    create: (limits) => new RedisRunLogStore(clients[0](), { ...store, ...limits, prefix }),
    createPeer: (_, limits) => new RedisRunLogStore(clients[1](), { ...store, ...limits, prefix }),
    foreignTimers: ["@redis/client", "/ioredis/"],
    async loseChunk(_, id) {
      const key = `${prefix}:${id}`;
      const [last] = (await ask("XREVRANGE", key, "+", "-", "COUNT", "2")) as [unknown, unknown][];
      await ask("XDEL", key, String(last![0]));
    },
  });
}

const askShared: Ask = (...command) => {
  const { hostname, port } = new URL(inject("redisUrl"));
  return askRedis({ host: hostname, port: Number(port) }, ...command);
};
