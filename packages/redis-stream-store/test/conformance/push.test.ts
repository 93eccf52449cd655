import { Redis } from "ioredis";
import { Redis as Redis5 } from "ioredis5";
import { createClient } from "redis";
import { createClient as createClient5 } from "redis5";
import { afterAll, beforeAll, inject } from "vitest";
import { redisConformance } from "./harness.ts";

const url = inject("redisUrl");
const ioredis6 = [new Redis(url), new Redis(url)] as const;
const ioredis5 = [new Redis5(url), new Redis5(url)] as const;
const listener5 = new Redis5(url);
const nodeRedis6 = [createClient({ url }), createClient({ url })] as const;
const nodeRedis5 = [createClient5({ url, RESP: 3 }), createClient5({ url, RESP: 3 })] as const;

beforeAll(() => Promise.all([...nodeRedis6, ...nodeRedis5].map((client) => client.connect())));
afterAll(() => {
  for (const client of [...ioredis6, ...ioredis5, listener5]) client.disconnect();
  for (const client of [...nodeRedis6, ...nodeRedis5]) client.destroy();
});

const store = { push: true };
redisConformance("ioredis 6, push", { clients: [() => ioredis6[0], () => ioredis6[1]], store });
redisConformance("ioredis 5, subscriber", {
  clients: [() => ioredis5[0], () => ioredis5[1]],
  store: { subscriber: listener5 },
});
redisConformance("node-redis 6, push", {
  clients: [() => nodeRedis6[0], () => nodeRedis6[1]],
  store,
});
redisConformance("node-redis 5 on RESP3, push", {
  clients: [() => nodeRedis5[0], () => nodeRedis5[1]],
  store,
});
