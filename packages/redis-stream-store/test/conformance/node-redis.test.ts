import { createClient, createClientPool } from "redis";
import { createClient as createClient5 } from "redis5";
import { afterAll, beforeAll, inject } from "vitest";
import { redisConformance } from "./harness.ts";

const url = inject("redisUrl");
const six = [createClient({ url }), createClient({ url })] as const;
const five = [createClient5({ url }), createClient5({ url })] as const;
const pools = [createClientPool({ url }), createClientPool({ url })] as const;
beforeAll(() => Promise.all([...six, ...five, ...pools].map((client) => client.connect())));
afterAll(() => [...six, ...five, ...pools].forEach((client) => client.destroy()));

redisConformance("node-redis 6", { clients: [() => six[0], () => six[1]] });
redisConformance("node-redis 5", { clients: [() => five[0], () => five[1]] });
redisConformance("node-redis 6 pool", { clients: [() => pools[0], () => pools[1]] });
