import { startCluster } from "@streambed/test-kit";
import type { RedisCluster } from "@streambed/test-kit";
import { Cluster } from "ioredis";
import { createCluster } from "redis";
import { afterAll, beforeAll } from "vitest";
import { redisConformance } from "./harness.ts";

let servers: RedisCluster;
let connected: Awaited<ReturnType<typeof connectAll>>;

beforeAll(async () => {
  servers = await startCluster();
  connected = await connectAll(servers);
});

afterAll(async () => {
  connected.ioredis.disconnect();
  connected.nodeRedis.destroy();
  await servers.stop();
});

async function connectAll({ urls, masters }: RedisCluster) {
  const nodeRedis = createCluster({ rootNodes: urls.map((url) => ({ url })) });
  await nodeRedis.connect();
  const nodes = masters.map(({ host, port }) => ({ host, port }));
  return { ioredis: new Cluster(nodes, { shardedSubscribers: true }), nodeRedis };
}

const shared = {
  hashTag: true,
  popLast: (list: string) => connected.ioredis.rpop(list),
  store: { push: "sharded" },
} as const;

redisConformance("ioredis 6 Cluster, and node-redis 6 cluster in the other process, sharded push", {
  ...shared,
  clients: [() => connected.ioredis, () => connected.nodeRedis],
});
redisConformance("node-redis 6 cluster, and ioredis 6 Cluster in the other process, sharded push", {
  ...shared,
  clients: [() => connected.nodeRedis, () => connected.ioredis],
});
