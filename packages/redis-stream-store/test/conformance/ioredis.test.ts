import { randomUUID } from "node:crypto";
import { streamStoreConformance } from "@streambed/conformance";
import { Redis } from "ioredis";
import { Redis as Redis5 } from "ioredis5";
import { afterAll, inject } from "vitest";
import { RedisStreamStore } from "../src/index.ts";
import { toEightMethods } from "./eight-methods.ts";

const url = inject("redisUrl");
const clients = [new Redis(url), new Redis(url), new Redis5(url), new Redis5(url)] as const;
const [six, sixPeer, five, fivePeer] = clients;
afterAll(() => clients.forEach((client) => client.disconnect()));

const prefix = `conformance:${randomUUID()}`;
const loseChunk = (_: unknown, id: string): Promise<unknown> => six.rpop(`${prefix}:${id}:chunks`);

streamStoreConformance("RedisStreamStore over ioredis 6", {
  create: (options) => new RedisStreamStore(six, { ...options, prefix }),
  createPeer: (_, options) => new RedisStreamStore(sixPeer, { ...options, prefix }),
  loseChunk,
});

streamStoreConformance("RedisStreamStore over ioredis 5", {
  create: (options) => new RedisStreamStore(five, { ...options, prefix }),
  createPeer: (_, options) => new RedisStreamStore(fivePeer, { ...options, prefix }),
  loseChunk,
});

streamStoreConformance("RedisStreamStore over eight methods", {
  create: (options) => new RedisStreamStore(toEightMethods(six), { ...options, prefix }),
  createPeer: (_, options) => new RedisStreamStore(toEightMethods(sixPeer), { ...options, prefix }),
  loseChunk,
  deviations: [
    { invariant: "repeat-op", reason: "a repeated RPUSH cannot be told from another one" },
    {
      invariant: "append-end",
      reason: "chunks and end are two commands: a stop may come in between",
    },
    {
      invariant: "limit-bytes",
      reason: "racing writers of an open stream do not see each other's bytes",
    },
    { invariant: "lease-final", reason: "without scripts a lease lasts whole seconds" },
  ],
});
