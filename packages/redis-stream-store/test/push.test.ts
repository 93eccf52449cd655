import { setTimeout as sleep } from "node:timers/promises";
import type { StreamChunk, StreamStatus } from "@streambed/core/contracts";
import type { RedisClient } from "@streambed/redis-driver";
import { startCluster, startSentinel, upstashTargets } from "@streambed/test-kit";
import type { TcpProxy } from "@streambed/test-kit";
import { Redis as Upstash } from "@upstash/redis";
import { Cluster, Redis } from "ioredis";
import { createClient, createCluster, createSentinel } from "redis";
import { describe, expect, inject, it, onTestFinished, vi } from "vitest";
import { RedisStreamStore } from "../src/index.ts";
import { connect, proxyTo, randomPrefix, sharedAddress } from "./clients.ts";

type Reader = AsyncGenerator<StreamChunk, StreamStatus>;

/** So rare that chunk after chunk cannot come from polls. */
const RARE = { push: true, pollIntervalMs: 1_000 };

function follow(store: RedisStreamStore, id: string) {
  const abort = new AbortController();
  const chunks: string[] = [];
  const reader: Reader = store.readFrom(id, 0, { signal: abort.signal });
  const end = (async () => {
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
  return { chunks, end, leave };
}

function following(store: RedisStreamStore, id: string) {
  const followed = follow(store, id);
  onTestFinished(followed.leave);
  return followed;
}

const admin = (): Redis => connect(inject("redisUrl"));

async function subscribers(redis: Redis, channel: string): Promise<number> {
  const [, count] = (await redis.pubsub("NUMSUB", channel)) as [string, number];
  return count;
}

async function nodeRedis(url: string) {
  const client = createClient({ url, socket: { reconnectStrategy: 20 } });
  client.on("error", () => {});
  await client.connect();
  onTestFinished(() => client.destroy());
  return client;
}

/** A writer with a connection of its own, and a stream that it has created. */
async function remoteStream(options: { push?: boolean } = { push: true }) {
  const prefix = randomPrefix();
  const writer = new RedisStreamStore(admin(), { ...options, prefix });
  await writer.create("s", { writer: "w", leaseMs: 60_000 });
  const append = (chunks: string | string[]): Promise<number> =>
    writer.append("s", chunks, { writer: "w" });
  return { prefix, channel: `${prefix}:s:live`, writer, append };
}

interface Shared {
  client: RedisClient & { listenerCount(event: string): number };
  proxy: TcpProxy;
  subscribe(channel: string, listener: (message: string) => void): Promise<void>;
  unsubscribeAll(): Promise<unknown>;
}

const CLIENTS: Record<string, () => Promise<Shared>> = {
  "ioredis 6": async () => {
    const proxy = await proxyTo(inject("redisUrl"));
    const client = connect(proxy.url);
    return {
      client,
      proxy,
      async subscribe(channel, listener) {
        client.on("message", (on: string, message: string) => {
          if (on === channel) listener(message);
        });
        await client.subscribe(channel);
      },
      unsubscribeAll: () => client.unsubscribe(),
    };
  },
  "node-redis 6": async () => {
    const proxy = await proxyTo(inject("redisUrl"));
    const client = await nodeRedis(proxy.url);
    return {
      client,
      proxy,
      subscribe: (channel, listener) => client.subscribe(channel, listener),
      unsubscribeAll: () => client.unsubscribe(),
    };
  },
};

describe.each(Object.entries(CLIENTS))("%s", (_, open) => {
  it("hears of chunks and of the end at once, and hardly polls", async () => {
    const { client, proxy } = await open();
    const redis = admin();
    const { prefix, channel, writer, append } = await remoteStream();
    const reader = new RedisStreamStore(client, { prefix, push: true });
    const { chunks, end } = following(reader, "s");
    await vi.waitFor(async () => expect(await subscribers(redis, channel)).toBe(1));
    await sleep(200);
    proxy.resetCounts();
    for (let i = 1; i <= 30; i++) {
      await append(`chunk ${i}`);
      await vi.waitFor(() => expect(chunks).toHaveLength(i), { timeout: 500, interval: 1 });
      await sleep(20);
    }
    const requests = Object.values(proxy.counts).reduce((sum, count) => sum + count, 0);
    expect(requests).toBeLessThanOrEqual(4);
    await writer.stop("s");
    const stopped = { state: "stopped", totalChunks: 30 };
    expect(await Promise.race([end, sleep(500, "not at once")])).toEqual(stopped);
  });

  it("takes large chunks, batches, and text of all sorts", async () => {
    const { client } = await open();
    const { prefix, channel, writer, append } = await remoteStream();
    const reader = new RedisStreamStore(client, { push: true, prefix });
    const { chunks, end } = following(reader, "s");
    const redis = admin();
    await vi.waitFor(async () => expect(await subscribers(redis, channel)).toBe(1));
    const large = "\u{1f600}".repeat(3_000);
    const batches = [
      "x".repeat(8_192),
      "x".repeat(8_193),
      large,
      ["a", "b", large, "c"],
      ":",
      "1:2:3",
      "line\nbreaks\r\nand \r:\n",
      "",
      "\ufeff",
      "\0",
      ["", ""],
    ];
    for (const batch of batches) {
      await append(batch);
      await sleep(10);
    }
    await writer.complete("s");
    await end;
    expect(chunks).toEqual(batches.flat());
  });

  it("is not broken by what others publish", async () => {
    const { client } = await open();
    const redis = admin();
    const { prefix, channel, append } = await remoteStream();
    const { epoch } = JSON.parse((await redis.get(`${prefix}:s:status`))!) as { epoch: string };
    const { chunks } = following(new RedisStreamStore(client, { push: true, prefix }), "s");
    await vi.waitFor(async () => expect(await subscribers(redis, channel)).toBe(1));
    const messages = [
      "",
      ":",
      "::",
      "garbage",
      "\0\xff",
      "other-epoch:1:forged",
      ":1:forged",
      epoch,
      `${epoch}:`,
      `${epoch}:x:forged`,
      `${epoch}:-1:forged`,
      `${epoch}:0:forged`,
      `${epoch}:1.5:forged`,
      `${epoch}:1e3:forged`,
      `${epoch}:99999999999999999999:forged`,
      `${epoch}:9007199254740993:forged`,
      `${epoch}:500`,
      "x".repeat(100_000),
    ];
    for (const message of messages) await redis.publish(channel, message);
    await append("one");
    for (const message of messages) await redis.publish(channel, message);
    await append(["two", "three"]);
    await vi.waitFor(() => expect(chunks).toEqual(["one", "two", "three"]));
    await sleep(100);
    expect(chunks).toEqual(["one", "two", "three"]);
  });

  it("gets what was announced while the connection was gone as soon as it is back", async () => {
    const { client, proxy } = await open();
    const redis = admin();
    const { prefix, channel, append } = await remoteStream();
    const { chunks } = following(new RedisStreamStore(client, { push: true, prefix }), "s");
    await vi.waitFor(async () => expect(await subscribers(redis, channel)).toBe(1));
    await append("before");
    await sleep(200);
    for (const round of ["1", "2"]) {
      await proxy.refuse(true);
      proxy.cut();
      await vi.waitFor(async () => expect(await subscribers(redis, channel)).toBe(0));
      await append(`during ${round}`);
      await proxy.refuse(false);
      const back = Date.now();
      await vi.waitFor(() => expect(chunks.at(-1)).toBe(`during ${round}`), { timeout: 3_000 });
      expect(Date.now() - back).toBeLessThan(2_000);
      await vi.waitFor(async () => expect(await subscribers(redis, channel)).toBe(1));
      await append(`after ${round}`);
      await vi.waitFor(() => expect(chunks.at(-1)).toBe(`after ${round}`), { timeout: 500 });
    }
    expect(chunks).toEqual(["before", "during 1", "after 1", "during 2", "after 2"]);
  });

  it("leaves no subscription and no listener behind, and the user's own alone", async () => {
    const { client, subscribe } = await open();
    const redis = admin();
    const { prefix, channel, append } = await remoteStream();
    const own: string[] = [];
    await subscribe(`${prefix}:own`, (message) => own.push(message));
    const events = ["message", "ready", "error", "end", "close", "reconnecting"];
    const count = (): number[] => events.map((event) => client.listenerCount(event));
    const before = count();
    const store = new RedisStreamStore(client, { push: true, prefix });
    const another = new RedisStreamStore(client, { push: true, prefix });
    const [first, second] = [following(store, "s"), following(store, "s")];
    const third = following(another, "s");
    await vi.waitFor(async () => expect(await subscribers(redis, channel)).toBe(1));
    await sleep(200);
    await first.leave();
    await third.leave();
    await append("one");
    // The other store's subscription on this client is still there.
    await vi.waitFor(() => expect(second.chunks).toEqual(["one"]), { timeout: 500 });
    expect(await subscribers(redis, channel)).toBe(1);
    await redis.publish(`${prefix}:own`, "hello");
    await second.leave();
    await vi.waitFor(async () => expect(await subscribers(redis, channel)).toBe(0));
    await redis.publish(`${prefix}:own`, "still here");
    await vi.waitFor(() => expect(own).toEqual(["hello", "still here"]));
    expect(count()).toEqual(before);
  });

  it("polls a stream whose writer does not announce", async () => {
    const { client, proxy } = await open();
    const { prefix, append, writer } = await remoteStream({ push: false });
    expect(await admin().get(`${prefix}:s:status`)).not.toContain("notify");
    const { chunks, end } = following(new RedisStreamStore(client, { push: true, prefix }), "s");
    for (let i = 1; i <= 5; i++) {
      await append(`chunk ${i}`);
      await vi.waitFor(() => expect(chunks).toHaveLength(i), { timeout: 500 });
    }
    proxy.resetCounts();
    await sleep(300);
    expect(proxy.counts.EVALSHA).toBeGreaterThan(2);
    await writer.complete("s");
    expect(await end).toEqual({ state: "done", totalChunks: 5 });
  });

  it("does not keep subscriptions for what this process writes itself", async () => {
    const { client } = await open();
    const redis = admin();
    const prefix = randomPrefix();
    const store = new RedisStreamStore(client, { push: true, prefix });
    await store.create("s", { writer: "w" });
    const { chunks } = following(store, "s");
    for (let i = 1; i <= 5; i++) {
      await store.append("s", `chunk ${i}`, { writer: "w" });
      await sleep(50);
    }
    expect(chunks).toHaveLength(5);
    expect(await subscribers(redis, `${prefix}:s:live`)).toBe(0);
  });

  it("tells a reader that its stream was deleted and created again", async () => {
    const { client } = await open();
    const { prefix, channel, writer, append } = await remoteStream();
    const { end } = following(new RedisStreamStore(client, { push: true, prefix }), "s");
    const redis = admin();
    await vi.waitFor(async () => expect(await subscribers(redis, channel)).toBe(1));
    await append("one");
    await sleep(200);
    await redis.del(`${prefix}:s:status`, `${prefix}:s:chunks`);
    await writer.create("s");
    const expired = expect(end).rejects.toMatchObject({ code: "EXPIRED" });
    expect(await Promise.race([expired, sleep(500, "not at once")])).not.toBe("not at once");
  });
});

it("survives an unsubscribe() of the user's: the next check heals it", async () => {
  const heal = async (open: () => Promise<Shared>): Promise<void> => {
    const { client, unsubscribeAll } = await open();
    const redis = admin();
    const { prefix, channel, append } = await remoteStream();
    const { chunks } = following(new RedisStreamStore(client, { push: true, prefix }), "s");
    await vi.waitFor(async () => expect(await subscribers(redis, channel)).toBe(1));
    await append("one");
    await vi.waitFor(() => expect(chunks).toEqual(["one"]));
    await sleep(200);
    await unsubscribeAll();
    await append("two");
    await vi.waitFor(() => expect(chunks).toEqual(["one", "two"]), { timeout: 8_000 });
    await vi.waitFor(async () => expect(await subscribers(redis, channel)).toBe(1));
    await sleep(100);
    await append("three");
    await vi.waitFor(() => expect(chunks).toHaveLength(3), { timeout: 500 });
  };
  await Promise.all(Object.values(CLIENTS).map(heal));
});

/** Whether messages get through at all, where a poll would be slower. */
async function hearsAtOnce(
  writing: RedisClient,
  reading: RedisClient,
  withinMs = 300,
): Promise<void> {
  const prefix = randomPrefix();
  const writer = new RedisStreamStore(writing, { push: true, prefix });
  await writer.create("s", { writer: "w" });
  const { chunks, end } = follow(new RedisStreamStore(reading, { ...RARE, prefix }), "s");
  // The first look comes with the first poll, and subscribes.
  await sleep(2_500);
  for (let i = 1; i <= 10; i++) {
    await writer.append("s", `chunk ${i}`, { writer: "w" });
    await vi.waitFor(() => expect(chunks).toHaveLength(i), { timeout: withinMs, interval: 5 });
    await sleep(20);
  }
  await writer.stop("s");
  const stopped = { state: "stopped", totalChunks: 10 };
  expect(await Promise.race([end, sleep(withinMs + 200, "not at once")])).toEqual(stopped);
}

describe.concurrent("messages get through", () => {
  it("on a cluster, over ioredis and node-redis", async () => {
    await using servers = await startCluster();
    const cluster = new Cluster(servers.masters.map(({ host, port }) => ({ host, port })));
    const nodes = createCluster({ rootNodes: servers.urls.map((url) => ({ url })) });
    await nodes.connect();
    try {
      await Promise.all([hearsAtOnce(cluster, nodes), hearsAtOnce(nodes, cluster)]);
    } finally {
      cluster.disconnect();
      nodes.destroy();
    }
  });

  it("with Sentinel, over ioredis and node-redis", async () => {
    await using servers = await startSentinel();
    const { masterName: name } = servers;
    const sentinels = servers.sentinels.map(({ host, port }) => ({ host, port }));
    const ioredis = new Redis({ sentinels, name });
    const sentinel = await createSentinel({ name, sentinelRootNodes: sentinels }).connect();
    try {
      await Promise.all([hearsAtOnce(ioredis, sentinel), hearsAtOnce(sentinel, ioredis)]);
    } finally {
      ioredis.disconnect();
      void sentinel.destroy();
    }
  });

  it.each(upstashTargets())("over Upstash $name", async ({ name, open }) => {
    await using access = await open(sharedAddress());
    const { url, token } = access;
    const upstash = (): Upstash => new Upstash({ url, token });
    if (name === "service") return await hearsAtOnce(upstash(), upstash(), 1_000);
    const ioredis = new Redis(inject("redisUrl"));
    try {
      await hearsAtOnce(ioredis, upstash());
    } finally {
      ioredis.disconnect();
    }
  });
});
