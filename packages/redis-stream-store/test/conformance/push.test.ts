import { Redis } from "ioredis";
import { Redis as Redis5 } from "ioredis5";
import { createClient } from "redis";
import { createClient as createClient5 } from "redis5";
import { afterAll, beforeAll, inject } from "vitest";
import { redisConformance } from "./harness.ts";

const url = inject("redisUrl");
const ioredis6 = new Redis(url);
const ioredis5 = new Redis5(url);
const listener5 = new Redis5(url);
const nodeRedis6 = createClient({ url });
const nodeRedis5 = createClient5({ url, RESP: 3 });

beforeAll(() => Promise.all([nodeRedis6.connect(), nodeRedis5.connect()]));
afterAll(() => {
  for (const client of [ioredis6, ioredis5, listener5]) client.disconnect();
  for (const client of [nodeRedis6, nodeRedis5]) client.destroy();
});

// The other way round than in `single.test.ts`: each is the store in one of the two, and the other process in the other.
redisConformance("node-redis 6, and ioredis 6 in the other process, push", {
  clients: [() => nodeRedis6, () => ioredis6],
  store: { push: true },
});
redisConformance("ioredis 5, subscriber, and node-redis 5 on RESP3 in the other process, push", {
  clients: [() => ioredis5, () => nodeRedis5],
  store: { subscriber: listener5 },
  peer: { push: true },
});
