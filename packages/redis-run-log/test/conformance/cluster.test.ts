import { randomUUID } from "node:crypto";
import { startCluster } from "@streambed/test-kit";
import type { RedisCluster } from "@streambed/test-kit";
import { Cluster } from "ioredis";
import { createCluster } from "redis";
import { afterAll, beforeAll, expect, it } from "vitest";
import { RedisRunLogStore, RunLogWriter } from "../../src/index.ts";
import { runKeys } from "../../src/keys.ts";
import { runLogConformance } from "./harness.ts";

let servers: RedisCluster;
let connected: Awaited<ReturnType<typeof connectAll>>;

beforeAll(async () => {
  servers = await startCluster();
  connected = await connectAll(servers);
});

afterAll(async () => {
  connected.ioredis.disconnect();
  connected.nodeRedis.destroy();
  await servers.stop();
});

async function connectAll({ urls, masters }: RedisCluster) {
  const nodeRedis = createCluster({ rootNodes: urls.map((url) => ({ url })) });
  await nodeRedis.connect();
  return { ioredis: new Cluster(masters.map(({ host, port }) => ({ host, port }))), nodeRedis };
}

const ask = (...[name, key, ...rest]: string[]): Promise<unknown> =>
  connected.ioredis.call(name!, key!, ...rest);

runLogConformance("ioredis 6 Cluster, and node-redis 6 cluster in the other process", {
  ask,
  clients: [() => connected.ioredis, () => connected.nodeRedis],
});

it("a run's keys share a slot, different runs' do not, and the log's key is Letta's", async () => {
  const slots = new Set<unknown>();
  for (let i = 0; i < 20; i++) {
    const runId = `run-${randomUUID()}`;
    const { status, chunks } = runKeys("sse:run", runId);
    expect(chunks).toBe(`sse:run:${runId}`);
    const slot = await connected.ioredis.cluster("KEYSLOT", chunks);
    expect(await connected.ioredis.cluster("KEYSLOT", status)).toBe(slot);
    slots.add(slot);
  }
  expect(slots.size).toBeGreaterThan(10);
});

it.each(["{a}", "a{", "}a"])("refuses the prefix %s, which would part a run's keys", (prefix) => {
  const refused = expect.objectContaining({ code: "INVALID_OPTION" });
  expect(() => new RedisRunLogStore(connected.ioredis, { prefix })).toThrow(refused);
  expect(() => new RunLogWriter(connected.ioredis, { prefix })).toThrow(refused);
});
