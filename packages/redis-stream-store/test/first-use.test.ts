import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { connect as connectTcp, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import type { RedisClient } from "@streambed/redis-driver";
import { startCluster, upstashTargets } from "@streambed/test-kit";
import { Redis as Upstash } from "@upstash/redis";
import { Cluster, Redis } from "ioredis";
import { Redis as Redis5 } from "ioredis5";
import { createClient, createClientPool } from "redis";
import { createClient as createClient5 } from "redis5";
import { describe, expect, inject, it, onTestFinished } from "vitest";
import { RedisStreamStore } from "../src/index.ts";
import { connect, proxyTo, randomPrefix, sharedAddress } from "./clients.ts";

const url = (): string => inject("redisUrl");

interface NodeRedis {
  on(event: "error", listener: () => void): unknown;
  connect(): Promise<unknown>;
  destroy(): void;
}

async function opened<C extends NodeRedis>(client: C): Promise<C> {
  client.on("error", () => {});
  await client.connect();
  onTestFinished(() => client.destroy());
  return client;
}

function opened5(): Redis5 {
  const client = new Redis5(url());
  onTestFinished(() => client.disconnect());
  return client;
}

function ioredis(options: { protocol?: 2 | 3; username?: string; password?: string } = {}): Redis {
  const client = new Redis(url(), options);
  client.on("error", () => {});
  onTestFinished(() => client.disconnect());
  return client;
}

const storeOn = (client: RedisClient, options: object = {}): RedisStreamStore =>
  new RedisStreamStore(client, { prefix: randomPrefix(), ...options });

/** The first use fails so, and does not take the time of retries for it. */
async function expectRefusal(use: Promise<unknown>, message: RegExp): Promise<void> {
  const startedAt = performance.now();
  await expect(use).rejects.toMatchObject({
    name: "StreamError",
    code: "UNSUPPORTED",
    message: expect.stringMatching(message),
  });
  expect(performance.now() - startedAt).toBeLessThan(1_500);
}

describe("a client that is none", () => {
  it.each([[undefined], [null], [{}], [[]], [3], ["redis://localhost"], [() => {}]])(
    "%j",
    (client) => {
      expect(() => storeOn(client as never)).toThrow(/lacks get, set.*pass a client of ioredis/);
    },
  );

  it("one that lacks a method is told which", () => {
    const client = {
      get() {},
      set() {},
      exists() {},
      rpush() {},
      lrange() {},
      llen() {},
      del() {},
    };
    expect(() => storeOn(client as never)).toThrow(/lacks expire: /);
  });
});

describe("a client that is not connected", () => {
  it("node-redis, never connected or closed since", async () => {
    const client = createClient({ url: url() });
    const store = storeOn(client);
    await expectRefusal(store.create("s"), /not connected: await client.connect\(\)/);
    await client.connect();
    await store.create("s");
    client.destroy();
    await expectRefusal(store.append("s", "x"), /not connected/);
    await expectRefusal(storeOn(createClientPool({ url: url() })).create("s"), /not connected/);
  });

  it("ioredis, closed: at once, not after 10 s of attempts", async () => {
    for (const client of [ioredis(), opened5()]) {
      const store = storeOn(client);
      await store.create("s");
      await client.quit();
      if (client.status !== "end") await once(client, "end");
      await expectRefusal(store.append("s", "x"), /closed/);
      await expectRefusal(store.readFrom("s", 0).next(), /closed/);
    }
  });

  it("ioredis that has yet to connect is no such client", async () => {
    const client = new Redis(url(), { lazyConnect: true });
    onTestFinished(() => client.disconnect());
    await storeOn(client).create("s");
  });
});

describe("on RESP2", () => {
  it.each([
    [
      "ioredis 6",
      async () => ioredis({ protocol: 2 }),
      async (client: Redis) => client.subscribe("x"),
    ],
    ["ioredis 5", async () => opened5(), async (client: Redis5) => client.subscribe("x")],
    [
      "node-redis 6",
      () => opened(createClient({ url: url(), RESP: 2 })),
      (client: { subscribe(channel: string, listener: () => void): Promise<void> }) =>
        client.subscribe("x", () => {}),
    ],
    [
      "node-redis 5",
      () => opened(createClient5({ url: url() })),
      (client: { subscribe(channel: string, listener: () => void): Promise<void> }) =>
        client.subscribe("x", () => {}),
    ],
  ])("%s that is subscribed takes no commands, and says so", async (_, open, subscribe) => {
    const client = await open();
    await subscribe(client as never);
    await expectRefusal(storeOn(client).create("s"), /is subscribed.*RESP2.*pass another client/);
  });

  it.each([
    ["ioredis 6", (to: string) => new Redis(to, { protocol: 2 })],
    ["ioredis 5", (to: string) => new Redis5(to)],
    ["node-redis 6", (to: string) => createClient({ url: to, RESP: 2 })],
    ["node-redis 5", (to: string) => createClient5({ url: to })],
  ])("push over %s is refused, and the connection stays as it is", async (_, open) => {
    const proxy = await proxyTo(url());
    const client = open(proxy.url);
    if ("destroy" in client && !("defineCommand" in client)) await opened(client as NodeRedis);
    else onTestFinished(() => (client as Redis).disconnect());
    for (const options of [{ push: true }, { subscriber: client }]) {
      const prefix = randomPrefix();
      const store = storeOn(client, { ...options, prefix });
      const writer = storeOn(connect(url()), { prefix, push: true });
      await writer.create("s");
      await expectRefusal(store.readFrom("s", 0).next(), /RESP3.*second client as subscriber/);
      expect(proxy.counts).not.toHaveProperty("SUBSCRIBE");
      await store.append("s", "x", { end: "done" });
      expect(await store.getStatus("s")).toEqual({ state: "done", totalChunks: 1 });
    }
  });

  it("push over a node-redis pool is refused when the store is made", async () => {
    const pool = createClientPool({ url: url() });
    expect(() => storeOn(pool, { push: true })).toThrow(/cannot subscribe: pass another as subscr/);
  });
});

it("a keyPrefix of the client's own holds for scripts, and channels work", async () => {
  const prefix = randomPrefix();
  const open = (): Redis => {
    const client = new Redis(url(), { keyPrefix: "mine:" });
    onTestFinished(() => client.disconnect());
    return client;
  };
  const writer = storeOn(open(), { prefix, push: true });
  await writer.create("s", { writer: "w" });
  const reader = storeOn(open(), { prefix, push: true }).readFrom("s", 0);
  for (let i = 1; i <= 3; i++) {
    const next = reader.next();
    await writer.append("s", `chunk ${i}`, { writer: "w" });
    expect(await next).toEqual({ done: false, value: { seq: i, data: `chunk ${i}` } });
  }
  await reader.return({ state: "done", totalChunks: 0 });
  expect(await connect(url()).exists(`mine:${prefix}:s:status`, `mine:${prefix}:s:chunks`)).toBe(2);
});

it.each(upstashTargets())("Upstash $name: another's token is refused at once", async (target) => {
  await using access = await target.open(sharedAddress());
  const store = storeOn(new Upstash({ url: access.url, token: "another" }));
  const startedAt = performance.now();
  for (const use of [() => store.create("s"), () => store.readFrom("s", 0).next()]) {
    await expect(use()).rejects.toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringContaining("WRONGPASS"),
    });
  }
  expect(performance.now() - startedAt).toBeLessThan(1_500);
});

describe("the server's version", () => {
  /** The shared server, under another version; the replacement is of the same length. */
  async function serverSaying(version: string): Promise<string> {
    const [, real = ""] = /redis_version:([\d.]+)/.exec(await connect(url()).info("server")) ?? [];
    const told = version.padEnd(real.length, ".0").slice(0, real.length);
    const { hostname, port } = new URL(url());
    const server = createServer((client) => {
      const upstream = connectTcp({ host: hostname, port: Number(port) });
      client.pipe(upstream);
      upstream.on("data", (data) => {
        const text = data.toString("latin1").replaceAll(real, told);
        client.write(Buffer.from(text, "latin1"));
      });
      for (const [one, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        one.on("close", () => other.destroy()).on("error", () => {});
      }
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    return `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it.each(["5.0.1", "6.0.9"])("%s is refused", async (version) => {
    const at = await serverSaying(version);
    const clients = [connect(at), await opened(createClient({ url: at }))];
    for (const client of clients) {
      const store = storeOn(client);
      await expectRefusal(store.create("s"), /is Redis [56]\.0.*needs Redis 6\.2 or Valkey 7\.2/);
      await expectRefusal(store.getStatus("s"), /needs Redis 6\.2/);
    }
  });

  it.each(["6.2.0", "7.2.4", "8.0.0", "10.0.0"])("%s is not", async (version) => {
    await storeOn(connect(await serverSaying(version))).create("s");
  });

  it("is asked for once", async () => {
    const proxy = await proxyTo(url());
    const store = storeOn(connect(proxy.url));
    await storeOn(connect(proxy.url)).create("warm");
    proxy.resetCounts();
    await Promise.all([store.create("a"), store.create("b"), store.getStatus("c")]);
    expect(proxy.counts).toMatchObject({ EVALSHA: 3 + 1 });
    proxy.resetCounts();
    await store.append("a", "x");
    await store.getStatus("a");
    expect(proxy.counts).toMatchObject({ EVALSHA: 2 });
  });
});

describe("a user (ACL)", () => {
  async function user(...rules: string[]): Promise<{ username: string; password: string }> {
    const admin = connect(url());
    const username = `user-${randomUUID()}`;
    await admin.call("ACL", "SETUSER", username, "on", ">pw", ...rules);
    onTestFinished(async () => {
      const remover = new Redis(url());
      await remover.call("ACL", "DELUSER", username);
      remover.disconnect();
    });
    return { username, password: "pw" };
  }

  it("without INFO works", async () => {
    const store = storeOn(ioredis(await user("~*", "&*", "+@all", "-info", "-hello")));
    await store.create("s");
    expect(await store.append("s", "x")).toBe(1);
  });

  it("with what the README names, and nothing else", async () => {
    const prefix = randomPrefix();
    const rules = [`~${prefix}:*`, "resetchannels", `&${prefix}:*`, "-@all"];
    const commands =
      "evalsha eval get set del pexpire rpush llen lrange time publish subscribe unsubscribe";
    const rights = await user(...rules, ...commands.split(" ").map((name) => `+${name}`));
    const store = storeOn(ioredis(rights), { prefix, push: true });
    const peer = storeOn(ioredis(rights), { prefix, push: true });
    await store.create("s", { leaseMs: 60_000, writer: "w" });
    const reader = peer.readFrom("s", 0);
    const first = reader.next();
    await store.append("s", "x", { writer: "w", end: "done" });
    expect(await first).toMatchObject({ value: { data: "x" } });
    expect(await reader.next()).toMatchObject({ done: true });
    await store.delete("s");
  });

  it("without scripts is told", async () => {
    const client = ioredis(await user("~*", "&*", "+@all", "-@scripting"));
    await expectRefusal(storeOn(client).create("s"), /NOPERM.*eval.*needs EVAL and EVALSHA/);
    await expectRefusal(storeOn(client).readFrom("s", 0).next(), /needs EVAL and EVALSHA/);
  });

  it("without the keys, or without a command in a script, is told", async () => {
    const elsewhere = ioredis(await user("~other:*", "&*", "+@all"));
    await expectRefusal(storeOn(elsewhere).create("s"), /NOPERM.*key/);
    const blind = ioredis(await user("~*", "&*", "+@all", "-get"));
    await expectRefusal(storeOn(blind).create("s"), /can't run this command.*README/);
  });

  it("without channels writes and polls; push is refused", async () => {
    const prefix = randomPrefix();
    const rights = await user("~*", "resetchannels", "+@all");
    const polling = storeOn(ioredis(rights), { prefix });
    await polling.create("polled");
    await polling.append("polled", "x", { end: "done" });
    expect((await polling.readFrom("polled", 0).next()).value).toMatchObject({ data: "x" });

    const pushing = storeOn(ioredis(rights), { prefix, push: true });
    await pushing.create("s", { writer: "w" });
    expect(await connect(url()).get(`${prefix}:s:status`)).not.toContain("notify");
    // Its writes reach others, who see that nothing is announced and poll.
    const other = storeOn(connect(url()), { prefix, push: true }).readFrom("s", 0);
    for (let i = 1; i <= 3; i++) {
      const next = other.next();
      await pushing.append("s", `chunk ${i}`, { writer: "w" });
      expect((await next).value).toMatchObject({ data: `chunk ${i}` });
    }
    await other.return({ state: "done", totalChunks: 0 });

    const client = ioredis(rights);
    const reader = storeOn(client, { prefix, push: true });
    await expectRefusal(reader.readFrom("s", 3).next(), /SUBSCRIBE: NOPERM.*ACL: &.*:s:live/);
    expect(client.listenerCount("message")).toBe(0);
  });

  it("who may not publish any more harms no append", async () => {
    const prefix = randomPrefix();
    const rights = await user("~*", "&*", "+@all");
    const store = storeOn(ioredis(rights), { prefix, push: true });
    await store.create("s");
    await connect(url()).call("ACL", "SETUSER", rights.username, "resetchannels");
    const again = storeOn(ioredis(rights), { prefix });
    expect(await again.append("s", ["a", "b"], { end: "done" })).toBe(2);
    expect(await again.getStatus("s")).toEqual({ state: "done", totalChunks: 2 });
  });
});

describe("keys that hold something else", () => {
  const FOREIGN: [name: string, put: (redis: Redis, stem: string) => Promise<unknown>][] = [
    ["a list as the status", (redis, stem) => redis.rpush(`${stem}:status`, "x")],
    ["no JSON", (redis, stem) => redis.set(`${stem}:status`, "garbage")],
    ["nothing", (redis, stem) => redis.set(`${stem}:status`, "")],
    ["a number", (redis, stem) => redis.set(`${stem}:status`, "5")],
    ["null", (redis, stem) => redis.set(`${stem}:status`, "null")],
    ["an array", (redis, stem) => redis.set(`${stem}:status`, "[]")],
    ["another object", (redis, stem) => redis.set(`${stem}:status`, '{"state":"active"}')],
    [
      "a count that is none",
      (redis, stem) => redis.set(`${stem}:status`, '{"state":"active","totalChunks":"5"}'),
    ],
  ];

  it.each(FOREIGN)("%s: each call says so, and changes nothing", async (_, put) => {
    const prefix = randomPrefix();
    const redis = connect(url());
    await put(redis, `${prefix}:s`);
    const before = await redis.dump(`${prefix}:s:status`);
    const store = storeOn(connect(url()), { prefix });
    const uses = [
      () => store.create("s"),
      () => store.append("s", "x"),
      () => store.getStatus("s"),
      () => store.readFrom("s", 0).next(),
      () => store.stop("s"),
      () => store.complete("s"),
      () => store.delete("s"),
    ];
    for (const use of uses) await expectRefusal(use(), /hold something that is no stream/);
    expect(await redis.dump(`${prefix}:s:status`)).toEqual(before);
    expect(await redis.exists(`${prefix}:s:chunks`)).toBe(0);
  });

  it("a string in place of the chunks", async () => {
    const prefix = randomPrefix();
    const redis = connect(url());
    const store = storeOn(connect(url()), { prefix });
    await store.create("s");
    await redis.set(`${prefix}:s:chunks`, "x");
    await expectRefusal(store.append("s", "x"), /hold something that is no stream/);
    await expectRefusal(store.readFrom("s", 0).next(), /hold something that is no stream/);
    expect(await store.getStatus("s")).toEqual({ state: "active", totalChunks: 0 });
  });

  it("one such stream is no other's failure", async () => {
    const prefix = randomPrefix();
    const redis = connect(url());
    const writer = storeOn(redis, { prefix });
    await Promise.all([writer.create("good"), writer.create("bad")]);
    const store = storeOn(connect(url()), { prefix });
    const good = store.readFrom("good", 0).next();
    const bad = expectRefusal(store.readFrom("bad", 0).next(), /no stream/);
    await redis.set(`${prefix}:bad:status`, "garbage");
    await bad;
    await writer.append("good", "x");
    expect((await good).value).toEqual({ seq: 1, data: "x" });
  });
});

it("a cluster wants a cluster client, and keys in one slot", async () => {
  await using servers = await startCluster();
  const single = connect(servers.urls[0] ?? "");
  const cluster = new Cluster(servers.masters.map(({ host, port }) => ({ host, port })));
  try {
    const crossing = storeOn(cluster, { hashTag: false });
    await expectRefusal(crossing.create("s"), /CROSSSLOT.*hashTag: true/);
    await expectRefusal(storeOn(single).create("s"), /CROSSSLOT.*hashTag: true/);
    const stores = ["a", "b", "c", "d", "e", "f"].map((id) => ({
      id,
      store: storeOn(single, { hashTag: true }),
    }));
    const outcomes = await Promise.allSettled(stores.map(({ id, store }) => store.create(id)));
    const moved = outcomes.filter(({ status }) => status === "rejected");
    expect(moved.length).toBeGreaterThan(0);
    for (const { reason } of moved as PromiseRejectedResult[]) {
      expect(reason).toMatchObject({ code: "UNSUPPORTED" });
      expect(String(reason)).toMatch(/MOVED.*wants a cluster client/);
    }
    await storeOn(cluster).create("s");
  } finally {
    cluster.disconnect();
  }
});
