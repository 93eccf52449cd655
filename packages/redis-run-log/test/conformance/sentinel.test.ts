import { askRedis, startSentinel } from "@streambed/test-kit";
import type { RedisSentinel } from "@streambed/test-kit";
import { Redis } from "ioredis";
import { createSentinel } from "redis";
import { afterAll, beforeAll } from "vitest";
import { runLogConformance } from "./harness.ts";

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

runLogConformance("Sentinel: node-redis 6, and ioredis 6 in the other process", {
  ask: (...command) => askRedis(servers.master, ...command),
  clients: [() => connected.nodeRedis, () => connected.ioredis],
});
