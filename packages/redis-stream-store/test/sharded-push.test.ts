import { setTimeout as sleep } from "node:timers/promises";
import type { RedisClient } from "@streambed/redis-driver";
import { askRedis, startCluster } from "@streambed/test-kit";
import type { RedisCluster, RedisServer } from "@streambed/test-kit";
import { Redis as Upstash } from "@upstash/redis";
import { Cluster, Redis } from "ioredis";
import type { ClusterOptions } from "ioredis";
import { createClient, createCluster } from "redis";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { RedisStreamStore } from "../src/index.ts";
import type { RedisStreamStoreOptions } from "../src/index.ts";
import { randomPrefix } from "./clients.ts";

/** So rare that chunk after chunk cannot come from polls. */
const RARE = { push: "sharded", pollIntervalMs: 1_000 } as const;

let servers: RedisCluster;
beforeAll(async () => {
  servers = await startCluster({ replicasPerMaster: 1 });
});
afterAll(() => servers.stop());

const nodes = (): RedisServer[] => [...servers.masters, ...servers.replicas];

/** What each node answers, of those that run. */
async function askAll(...command: (string | number)[]): Promise<string[]> {
  const answers = await Promise.allSettled(nodes().map((node) => askRedis(node, ...command)));
  return answers.map((answer) => (answer.status === "fulfilled" ? String(answer.value) : ""));
}

/** How many nodes have somebody who follows the channel. */
async function shardsFollowed(channel: string): Promise<number> {
  return (await askAll("PUBSUB", "SHARDCHANNELS", channel)).filter((found) => found !== "").length;
}

async function isFollowed(channel: string, shards: number): Promise<void> {
  const look = async (): Promise<void> => expect(await shardsFollowed(channel)).toBe(shards);
  await vi.waitFor(look, { timeout: 5_000 });
}

/** How often a command was called in the whole cluster. */
async function calls(command: string): Promise<number> {
  const infos = await askAll("INFO", "commandstats");
  return infos
    .map((info) => new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(info)?.[1])
    .reduce((sum, count) => sum + Number(count ?? 0), 0);
}

async function slotOf(key: string): Promise<number> {
  return Number(await askRedis(servers.masters.at(0)!, "CLUSTER", "KEYSLOT", key));
}

/** The masters that hold a slot, and those that do not. */
async function mastersBy(slot: number): Promise<Record<"holding" | "other", RedisServer[]>> {
  const views = await askAll("CLUSTER", "NODES");
  const masters = nodes().flatMap((node, i) => {
    const mine =
      views
        .at(i)!
        .split("\n")
        .find((line) => line.includes("myself")) ?? "";
    const [, , flags = "", , , , , , ...ranges] = mine.split(" ");
    return flags.includes("master") ? [{ node, holds: ranges.some((at) => holds(at, slot)) }] : [];
  });
  const { holding = [], other = [] } = Object.groupBy(masters, (one) =>
    one.holds ? "holding" : "other",
  );
  return { holding: holding.map(({ node }) => node), other: other.map(({ node }) => node) };
}

/** The master of a slot, once there is one. */
async function masterOf(slot: number): Promise<RedisServer> {
  const look = async (): Promise<RedisServer> => {
    const { holding } = await mastersBy(slot);
    expect(holding).toHaveLength(1);
    return holding.at(0)!;
  };
  return vi.waitFor(look, { timeout: 20_000 });
}

/** Whether a slot is in a range such as `5` or `5-10`. */
function holds(range: string, slot: number): boolean {
  const [first = NaN, last = first] = range.split("-").map(Number);
  return slot >= first && slot <= last;
}

async function idOf(node: RedisServer): Promise<string> {
  return String(await askRedis(node, "CLUSTER", "MYID"));
}

/** Moves a slot, with the keys, to another master. */
async function migrate(slot: number): Promise<void> {
  const from = await masterOf(slot);
  const to = (await mastersBy(slot)).other.at(0)!;
  const [fromId, toId] = [await idOf(from), await idOf(to)] as const;
  await askRedis(to, "CLUSTER", "SETSLOT", slot, "IMPORTING", fromId);
  await askRedis(from, "CLUSTER", "SETSLOT", slot, "MIGRATING", toId);
  const keys = (await askRedis(from, "CLUSTER", "GETKEYSINSLOT", slot, 100)) as string[];
  await askRedis(from, "MIGRATE", to.host, to.port, "", 0, 5_000, "KEYS", ...keys);
  for (const node of [to, from]) await askRedis(node, "CLUSTER", "SETSLOT", slot, "NODE", toId);
}

/** Makes the replica of a slot's master the master. */
async function failOver(slot: number): Promise<void> {
  const id = await idOf(await masterOf(slot));
  const views = await askAll("CLUSTER", "NODES");
  const replica = nodes().find((_, i) => new RegExp(`myself,slave ${id}`).test(views.at(i)!))!;
  await askRedis(replica, "CLUSTER", "FAILOVER");
  await vi.waitFor(async () => expect((await masterOf(slot)).port).toBe(replica.port), 10_000);
}

interface Connected {
  client: RedisClient & { listenerCount(event: string): number };
}

function ioredisCluster({ masters }: RedisCluster, options: ClusterOptions = {}): Cluster {
  const startup = masters.map(({ host, port }) => ({ host, port }));
  const client = new Cluster(startup, { ...options, shardedSubscribers: true });
  client.on("error", () => {});
  onTestFinished(() => client.disconnect());
  return client;
}

type ClientName = "ioredis 6" | "node-redis 6";

const CLIENTS: Record<ClientName, () => Promise<Connected>> = {
  "ioredis 6": async () => {
    return { client: ioredisCluster(servers) };
  },
  "node-redis 6": async () => {
    const client = createCluster({ rootNodes: servers.urls.map((url) => ({ url })) });
    client.on("error", () => {});
    await client.connect();
    onTestFinished(() => client.destroy());
    return { client };
  },
};

/** A stream written by a client of one kind, and a store of the other kind that reads it. */
async function twoProcesses(
  reading: ClientName,
  { writer: writes, reader: reads }: Record<"writer" | "reader", RedisStreamStoreOptions>,
) {
  const prefix = randomPrefix();
  const other = reading === "ioredis 6" ? "node-redis 6" : "ioredis 6";
  const { client } = await CLIENTS[reading]();
  const writer = new RedisStreamStore((await CLIENTS[other]()).client, { ...writes, prefix });
  const store = new RedisStreamStore(client, { ...reads, prefix });
  await writer.create("s", { writer: "w", leaseMs: 60_000 });
  const append = (chunks: string | string[]): Promise<number> =>
    writer.append("s", chunks, { writer: "w" });
  return {
    prefix,
    stem: `${prefix}:{s}`,
    channel: `${prefix}:{s}:live`,
    client,
    store,
    writer,
    append,
  };
}

function following(store: RedisStreamStore, id: string) {
  const abort = new AbortController();
  const chunks: string[] = [];
  const end = (async () => {
    const reader = store.readFrom(id, 0, { signal: abort.signal });
    for (;;) {
      const { done, value } = await reader.next();
      if (done) return value;
      chunks.push(value.data);
    }
  })();
  end.catch(() => {});
  const leave = async (): Promise<void> => {
    abort.abort("enough");
    await end.catch(() => {});
  };
  onTestFinished(leave);
  return { chunks, end, leave };
}

describe.each(["ioredis 6", "node-redis 6"] as const)("read over %s", (reading) => {
  it("chunks come at once, over the stream's own shard alone, and leaving leaves nothing", async () => {
    const both = { writer: RARE, reader: RARE };
    const { channel, stem, client, store, writer, append } = await twoProcesses(reading, both);
    const events = ["smessage", "message", "subscribersReady", "node-ready", "ready"];
    const listeners = (): number[] => events.map((event) => client.listenerCount(event));
    const before = {
      listeners: listeners(),
      spublish: await calls("spublish"),
      publish: await calls("publish"),
    };
    const first = following(store, "s");
    const second = following(store, "s");
    await isFollowed(channel, 1);
    await sleep(1_500);
    const reads = await calls("evalsha");
    for (let i = 1; i <= 20; i++) {
      await append(`chunk ${i}`);
      await vi.waitFor(() => expect(first.chunks).toHaveLength(i), { timeout: 500, interval: 1 });
    }
    expect((await calls("evalsha")) - reads).toBeLessThanOrEqual(20 + 4);
    expect((await calls("spublish")) - before.spublish).toBe(20);
    expect(await calls("publish")).toBe(before.publish);
    expect(await slotOf(channel)).toBe(await slotOf(`${stem}:status`));
    await first.leave();
    await append("for the other");
    await vi.waitFor(() => expect(second.chunks).toHaveLength(21), { timeout: 500 });
    await writer.stop("s");
    const stopped = { state: "stopped", totalChunks: 21 };
    expect(await Promise.race([second.end, sleep(500, "not at once")])).toEqual(stopped);
    await isFollowed(channel, 0);
    expect(listeners()).toEqual(before.listeners);
  });

  it.each([
    ["plain", "sharded", { writer: { push: true }, reader: { push: "sharded" } }],
    ["sharded", "plain", { writer: { push: "sharded" }, reader: { push: true } }],
    ["sharded", "polling", { writer: { push: "sharded" }, reader: {} }],
  ] as const)("a %s writer is polled by a %s reader", async (_, __, options) => {
    const { store, writer, append } = await twoProcesses(reading, options);
    const { chunks, end } = following(store, "s");
    for (let i = 1; i <= 6; i++) {
      await append(`chunk ${i}`);
      // Well before a look at a stream that announces.
      await vi.waitFor(() => expect(chunks).toHaveLength(i), { timeout: 2_500, interval: 5 });
      await sleep(i * 50);
    }
    await writer.complete("s");
    const done = { state: "done", totalChunks: 6 };
    expect(await Promise.race([end, sleep(2_500, "not soon")])).toEqual(done);
  });

  it("loses nothing while connections die, the slot moves and its master fails over", async () => {
    const both = { writer: RARE, reader: RARE };
    const { channel, store, writer, append } = await twoProcesses(reading, both);
    const slot = await slotOf(channel);
    const { chunks, end } = following(store, "s");
    await isFollowed(channel, 1);
    const havoc = [
      async () => askRedis(await masterOf(slot), "CLIENT", "KILL", "TYPE", "pubsub"),
      () => migrate(slot),
      () => failOver(slot),
    ];
    const sent: string[] = [];
    for (const strike of havoc) {
      const during = { isOver: false };
      const striking = strike().finally(() => (during.isOver = true));
      for (let i = 0; i < 20 || !during.isOver; i++) {
        sent.push(`chunk ${sent.length}`);
        await append(sent.at(-1)!);
        await sleep(5);
      }
      await striking;
      // A message that was lost is found by a check, 7.5 s later at most.
      await vi.waitFor(() => expect(chunks).toEqual(sent), { timeout: 15_000 });
      // And messages come again, at the latest with a check that finds what no message told.
      await isFollowed(channel, 1);
      await vi.waitFor(
        async () => {
          sent.push("at once?");
          await append("at once?");
          await vi.waitFor(() => expect(chunks).toEqual(sent), { timeout: 300, interval: 5 });
        },
        { timeout: 12_000 },
      );
    }
    await writer.complete("s");
    expect(await end).toEqual({ state: "done", totalChunks: sent.length });
    expect(chunks).toEqual(sent);
    await isFollowed(channel, 0);
  }, 90_000);
});

/** An ioredis cluster client that is not connected. */
function unconnected(options: ClusterOptions): Cluster {
  return new Cluster(["redis://127.0.0.1:1"], { ...options, lazyConnect: true });
}

it("a client that cannot follow shard channels is refused when the store is made", () => {
  const redis = new Redis({ lazyConnect: true });
  const shards = { shardedSubscribers: true };
  const refused: [RedisClient, RedisStreamStoreOptions][] = [
    [unconnected({}), {}],
    [unconnected({ ...shards, keyPrefix: "mine:" }), {}],
    [unconnected({ ...shards, redisOptions: { keyPrefix: "mine:" } }), {}],
    [redis, {}],
    [redis, { subscriber: redis }],
    [unconnected(shards), { subscriber: redis }],
    [createClient(), {}],
    [new Upstash({ url: "https://example.com", token: "t" }), {}],
  ];
  for (const [client, options] of refused) {
    expect(() => new RedisStreamStore(client, { ...options, push: "sharded" })).toThrow(
      expect.objectContaining({
        code: "UNSUPPORTED",
        message: expect.stringMatching(/shardedSubscribers: true.*createCluster/),
      }),
    );
  }
  const subscriber = unconnected(shards);
  expect(() => new RedisStreamStore(redis, { subscriber, push: "sharded" })).not.toThrow();
  for (const push of ["plain", 1, null] as never[]) {
    expect(() => new RedisStreamStore(subscriber, { push })).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION" }),
    );
  }
});

it("a server that says it is older than shard channels is refused at first use", async () => {
  const client = unconnected({ shardedSubscribers: true });
  client.evalsha = async () => [1, "6.2.14"];
  const store = new RedisStreamStore(client, { push: "sharded" });
  for (const use of [() => store.create("s"), () => store.readFrom("s", 0).next()]) {
    await expect(use()).rejects.toMatchObject({
      code: "UNSUPPORTED",
      message: expect.stringMatching(/is Redis 6\.2\.14: push: "sharded" needs Redis 7\.0/),
    });
  }
});

it("a user who may not use the channels writes and is polled, and is told when reading", async () => {
  const prefix = randomPrefix();
  const username = `user-${prefix}`;
  await askAll("ACL", "SETUSER", username, "on", ">pw", "~*", "+@all", "resetchannels");
  onTestFinished(async () => void (await askAll("ACL", "DELUSER", username)));
  const client = ioredisCluster(servers, { redisOptions: { username, password: "pw" } });
  const writer = new RedisStreamStore(client, { ...RARE, prefix });
  await writer.create("s", { writer: "w" });
  const { client: reading } = await CLIENTS["node-redis 6"]();
  const { chunks } = following(new RedisStreamStore(reading, { push: "sharded", prefix }), "s");
  for (let i = 1; i <= 3; i++) {
    await writer.append("s", `chunk ${i}`, { writer: "w" });
    await vi.waitFor(() => expect(chunks).toHaveLength(i), { timeout: 2_500, interval: 5 });
  }
  const reader = new RedisStreamStore(client, { push: "sharded", prefix }).readFrom("s", 3);
  await expect(reader.next()).rejects.toMatchObject({
    code: "UNSUPPORTED",
    message: expect.stringMatching(/SSUBSCRIBE: NOPERM.*ACL: &.*:\{s\}:live/),
  });
  expect(client.listenerCount("smessage")).toBe(0);
});

it("a server without SPUBLISH and SSUBSCRIBE stores, is polled, and is named to readers", async () => {
  const renamed = ["SPUBLISH", "SSUBSCRIBE"].flatMap((name) => [
    "--rename-command",
    name,
    `NO${name}`,
  ]);
  const old = await startCluster({ args: renamed });
  onTestFinished(() => old.stop()); // behind its clients, which come later
  const client = ioredisCluster(old);
  const store = new RedisStreamStore(client, RARE);
  await store.create("s", { writer: "w" });
  await store.append("s", ["a", "b"], { writer: "w" });
  expect(await client.get("aibind:stream:{s}:status")).not.toMatch(/notify|sharded/);
  const { chunks } = following(new RedisStreamStore(client, { push: true }), "s");
  await vi.waitFor(() => expect(chunks).toEqual(["a", "b"]));
  const other = new RedisStreamStore(ioredisCluster(old), RARE);
  await expect(other.readFrom("s", 2).next()).rejects.toMatchObject({
    code: "UNSUPPORTED",
    message: expect.stringMatching(/SSUBSCRIBE: .*unknown command.*need Redis 7\.0/),
  });
});
