import { Redis } from "ioredis";
import { Redis as Redis5 } from "ioredis5";
import { createClient, createClientPool } from "redis";
import { createClient as createClient5 } from "redis5";
import { afterAll, beforeAll, inject } from "vitest";
import { redisConformance } from "./harness.ts";

const url = inject("redisUrl");
const ioredis = [new Redis(url), new Redis5(url)] as const;
const nodeRedis = [createClient({ url }), createClient5({ url })] as const;
const pools = [createClientPool({ url }), createClientPool({ url })] as const;
beforeAll(() => Promise.all([...nodeRedis, ...pools].map((client) => client.connect())));
afterAll(() => {
  for (const client of ioredis) client.disconnect();
  for (const client of [...nodeRedis, ...pools]) client.destroy();
});

// The other way round: in `push.test.ts`.
redisConformance("ioredis 6, and node-redis 6 in the other process", {
  clients: [() => ioredis[0], () => nodeRedis[0]],
});
redisConformance("node-redis 5, and ioredis 5 in the other process", {
  clients: [() => nodeRedis[1], () => ioredis[1]],
});
redisConformance("node-redis 6 pool", { clients: [() => pools[0], () => pools[1]] });
