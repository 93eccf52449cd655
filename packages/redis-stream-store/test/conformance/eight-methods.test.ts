import { Redis } from "ioredis";
import { afterAll, inject } from "vitest";
import { toEightMethods } from "../eight-methods.ts";
import { redisConformance } from "./harness.ts";

const clients = [new Redis(inject("redisUrl")), new Redis(inject("redisUrl"))] as const;
afterAll(() => clients.forEach((client) => client.disconnect()));

redisConformance("eight methods", {
  clients: [() => toEightMethods(clients[0]), () => toEightMethods(clients[1])],
  deviations: [
    { invariant: "repeat-op", reason: "a repeated RPUSH cannot be told from another one" },
    { invariant: "append-end", reason: "chunks and end are two steps: a stop may come in between" },
    { invariant: "limit-bytes", reason: "racing writers do not see each other's bytes" },
    { invariant: "lease-final", reason: "without scripts a lease lasts whole seconds" },
  ],
});
