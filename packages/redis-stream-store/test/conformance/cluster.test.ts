import { startCluster } from "@streambed/test-kit";
import type { RedisCluster } from "@streambed/test-kit";
import { Cluster } from "ioredis";
import { Cluster as Cluster5 } from "ioredis5";
import { createCluster } from "redis";
import { createCluster as createCluster5 } from "redis5";
import { afterAll, beforeAll } from "vitest";
import { redisConformance } from "./harness.ts";

let servers: RedisCluster;
let connected: Awaited<ReturnType<typeof connectAll>>;

beforeAll(async () => {
  servers = await startCluster();
  connected = await connectAll(servers);
});

afterAll(async () => {
  for (const client of [connected.ioredis, connected.ioredis5]) client.disconnect();
  for (const client of [connected.nodeRedis, connected.nodeRedis5]) client.destroy();
  await servers.stop();
});

async function connectAll({ urls, masters }: RedisCluster) {
  const rootNodes = urls.map((url) => ({ url }));
  const nodeRedis = createCluster({ rootNodes });
  const nodeRedis5 = createCluster5({ rootNodes });
  await Promise.all([nodeRedis, nodeRedis5].map((client) => client.connect()));
  const nodes = masters.map(({ host, port }) => ({ host, port }));
  return {
    ioredis: new Cluster(nodes),
    ioredis5: new Cluster5(nodes),
    nodeRedis,
    nodeRedis5,
  } as const;
}

const shared = {
  hashTag: true,
  popLast: (list: string) => connected.ioredis.rpop(list),
};

redisConformance("node-redis 6 cluster, and ioredis 6 Cluster in the other process", {
  ...shared,
  clients: [() => connected.nodeRedis, () => connected.ioredis],
});
redisConformance("ioredis 6 Cluster, and node-redis 6 cluster in the other process, push", {
  ...shared,
  clients: [() => connected.ioredis, () => connected.nodeRedis],
  store: { push: true },
});
redisConformance("ioredis 5 Cluster, and node-redis 5 cluster in the other process", {
  ...shared,
  clients: [() => connected.ioredis5, () => connected.nodeRedis5],
});
