import { startUpstashEmulator } from "@streambed/test-kit";
import { Redis } from "@upstash/redis";
import { afterAll, beforeAll, inject } from "vitest";
import { redisConformance } from "./harness.ts";

let emulator: Awaited<ReturnType<typeof startUpstashEmulator>>;
beforeAll(async () => {
  const { hostname, port } = new URL(inject("redisUrl"));
  emulator = await startUpstashEmulator({ host: hostname, port: Number(port) });
});
afterAll(() => emulator.stop());

const connect = (automaticDeserialization: boolean) => (): Redis =>
  new Redis({ url: emulator.url, token: emulator.token, automaticDeserialization });

redisConformance("@upstash/redis", { clients: [connect(true), connect(true)] });
redisConformance("@upstash/redis without automatic deserialisation", {
  clients: [connect(false), connect(false)],
});
redisConformance("@upstash/redis, push", {
  clients: [connect(true), connect(false)],
  store: { push: true },
});
