import { askRedis, startRedis } from "@streambed/test-kit";
import type { RedisServer } from "@streambed/test-kit";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { afterAll, beforeAll } from "vitest";
import { runLogConformance } from "./harness.ts";

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

runLogConformance("Valkey: ioredis 6, and node-redis 6 in the other process", {
  ask: (...command) => askRedis(server, ...command),
  clients: [() => connected.ioredis, () => connected.nodeRedis],
});
