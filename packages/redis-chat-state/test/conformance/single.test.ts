import { Redis } from "ioredis";
import { Redis as Redis5 } from "ioredis5";
import { createClient } from "redis";
import { createClient as createClient5 } from "redis5";
import { afterAll, beforeAll, inject } from "vitest";
import { chatStateConformance } from "./harness.ts";

const url = inject("redisUrl");
const ioredis = [new Redis(url), new Redis5(url)] as const;
const nodeRedis = [createClient({ url }), createClient5({ url })] as const;
beforeAll(() => Promise.all(nodeRedis.map((client) => client.connect())));
afterAll(() => {
  for (const client of ioredis) client.disconnect();
  for (const client of nodeRedis) client.destroy();
});

chatStateConformance("ioredis 6, and node-redis 6 in the other process", {
  clients: [() => ioredis[0], () => nodeRedis[0]],
});
chatStateConformance("node-redis 5, and ioredis 5 in the other process, entries for Python too", {
  clients: [() => nodeRedis[1], () => ioredis[1]],
  state: { queueFormat: "both" },
});
