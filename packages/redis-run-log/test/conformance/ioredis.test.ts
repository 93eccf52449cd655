import { Redis } from "ioredis";
import { Redis as Redis5 } from "ioredis5";
import { afterAll, inject } from "vitest";
import { runLogConformance } from "./harness.ts";

const url = inject("redisUrl");
const six = [new Redis(url), new Redis(url)] as const;
const five = [new Redis5(url), new Redis5(url)] as const;
afterAll(() => [...six, ...five].forEach((client) => client.disconnect()));

runLogConformance("ioredis 6", { clients: [() => six[0], () => six[1]] });
runLogConformance("ioredis 5", { clients: [() => five[0], () => five[1]] });
runLogConformance("ioredis 6, push", {
  clients: [() => six[0], () => six[1]],
  store: { push: true },
});
