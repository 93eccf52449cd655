import { Redis } from "ioredis";
import { afterAll, inject } from "vitest";
import { toEightMethods } from "../eight-methods.ts";
import { redisConformance } from "./harness.ts";

const clients = [new Redis(inject("redisUrl")), new Redis(inject("redisUrl"))] as const;
afterAll(() => clients.forEach((client) => client.disconnect()));

redisConformance("eight methods", {
  clients: [() => toEightMethods(clients[0]), () => toEightMethods(clients[1])],
  leaseStepMs: 1000,
  deviations: [
    // All of its cases: random sequences show it only now and then.
    { invariant: "repeat-op", reason: "a repeated RPUSH cannot be told from another one" },
    {
      invariant: "append-end",
      case: "in one step: a stop comes before it or after it",
      reason: "chunks and end are two steps",
    },
  ],
});
