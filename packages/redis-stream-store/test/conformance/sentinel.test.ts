import { askRedis, startSentinel } from "@streambed/test-kit";
import type { RedisSentinel } from "@streambed/test-kit";
import { Redis } from "ioredis";
import { createSentinel } from "redis";
import { afterAll, beforeAll } from "vitest";
import { redisConformance } from "./harness.ts";

let servers: RedisSentinel;
let connected: Awaited<ReturnType<typeof connectAll>>;

beforeAll(async () => {
  servers = await startSentinel();
  connected = await connectAll(servers);
});

afterAll(async () => {
  connected.ioredis.disconnect();
  void connected.nodeRedis.destroy();
  await servers.stop();
});

async function connectAll({ sentinels, masterName: name }: RedisSentinel) {
  const nodes = sentinels.map(({ host, port }) => ({ host, port }));
  const ioredis = new Redis({ sentinels: nodes, name });
  const nodeRedis = await createSentinel({ name, sentinelRootNodes: nodes }).connect();
  return { ioredis, nodeRedis };
}

const shared = { popLast: (list: string) => askRedis(servers.master, "RPOP", list) };

redisConformance("Sentinel: ioredis 6, and node-redis 6 in the other process", {
  ...shared,
  clients: [() => connected.ioredis, () => connected.nodeRedis],
});
redisConformance("Sentinel, push: node-redis 6, and ioredis 6 in the other process", {
  ...shared,
  clients: [() => connected.nodeRedis, () => connected.ioredis],
  store: { push: true },
});
