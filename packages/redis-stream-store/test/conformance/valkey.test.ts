import { askRedis, startRedis } from "@streambed/test-kit";
import type { RedisServer } from "@streambed/test-kit";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { afterAll, beforeAll } from "vitest";
import { redisConformance } from "./harness.ts";

let server: RedisServer;
let connected: Awaited<ReturnType<typeof connectAll>>;

beforeAll(async () => {
  server = await startRedis({ flavour: "valkey" });
  connected = await connectAll(server);
});

afterAll(async () => {
  connected.ioredis.disconnect();
  connected.nodeRedis.destroy();
  await server.stop();
});

async function connectAll({ url }: RedisServer) {
  return { ioredis: new Redis(url), nodeRedis: await createClient({ url }).connect() };
}

const shared = { popLast: (list: string) => askRedis(server, "RPOP", list) };

redisConformance("Valkey: ioredis 6, and node-redis 6 in the other process", {
  ...shared,
  clients: [() => connected.ioredis, () => connected.nodeRedis],
});
redisConformance("Valkey, push: node-redis 6, and ioredis 6 in the other process", {
  ...shared,
  clients: [() => connected.nodeRedis, () => connected.ioredis],
  store: { push: true },
});
