import { askRedis, startCluster, startRedis, startSentinel } from "@streambed/test-kit";
import { Cluster, Redis } from "ioredis";
import { createClient, createCluster, createSentinel } from "redis";
import { afterAll, beforeAll } from "vitest";
import { chatStateConformance } from "./harness.ts";
import type { Ask } from "./harness.ts";

const open = async () => {
  const [valkey, cluster, sentinel] = await Promise.all([
    startRedis({ flavour: "valkey" }),
    startCluster(),
    startSentinel(),
  ]);
  const nodes = cluster.masters.map(({ host, port }) => ({ host, port }));
  const sentinels = sentinel.sentinels.map(({ host, port }) => ({ host, port }));
  const name = sentinel.masterName;
  return {
    servers: { valkey, cluster, sentinel },
    valkey: [new Redis(valkey.url), await createClient({ url: valkey.url }).connect()],
    cluster: [
      new Cluster(nodes),
      await createCluster({ rootNodes: cluster.urls.map((url) => ({ url })) }).connect(),
    ],
    sentinel: [
      new Redis({ sentinels, name }),
      await createSentinel({ name, sentinelRootNodes: sentinels }).connect(),
    ],
  } as const;
};
let opened: Awaited<ReturnType<typeof open>>;

beforeAll(async () => {
  opened = await open();
});

afterAll(async () => {
  for (const [ioredis, nodeRedis] of [opened.valkey, opened.cluster, opened.sentinel]) {
    ioredis.disconnect();
    void nodeRedis.destroy();
  }
  await Promise.all(Object.values(opened.servers).map((server) => server.stop()));
});

const ask: Record<"valkey" | "cluster" | "sentinel", Ask> = {
  valkey: (...command) => askRedis(opened.servers.valkey, ...command),
  // By way of the client, which knows where a key is.
  cluster: (name, key, ...rest) => opened.cluster[0].call(name!, key!, ...rest),
  sentinel: (...command) => askRedis(opened.servers.sentinel.master, ...command),
};

for (const which of ["valkey", "cluster", "sentinel"] as const) {
  chatStateConformance(`${which}: ioredis 6, and node-redis 6 in the other process`, {
    clients: [() => opened[which][0], () => opened[which][1]],
    ask: (...command) => ask[which](...command),
  });
}
