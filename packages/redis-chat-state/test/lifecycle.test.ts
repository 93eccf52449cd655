import { setTimeout as sleep } from "node:timers/promises";
import { askRedis, freePort, startRedis } from "@streambed/test-kit";
import { Redis } from "ioredis";
import { Redis as Redis5 } from "ioredis5";
import { createClient } from "redis";
import { createClient as createClient5 } from "redis5";
import { describe, expect, inject, it, onTestFinished, vi } from "vitest";
import type { TestContext } from "vitest";
import { connect, proxyTo } from "../../redis-stream-store/test/clients.ts";
import {
  openEndpoint,
  SCRIPT_CLIENTS,
  until,
} from "../../redis-stream-store/test/support-clients.ts";
import { createIoRedisState, createRedisState } from "../src/index.ts";
import type { RedisStateAdapter } from "../src/index.ts";
import { createIoRedisState as ownIoredis } from "../src/ioredis.ts";
import { createRedisState as ownNodeRedis } from "../src/node-redis.ts";
import { connectState, listeningLogger, randomPrefix, scriptClient } from "./support-states.ts";

const OWN = [
  ["ioredis", ownIoredis],
  ["node-redis", ownNodeRedis],
] as const;

/** Sockets of this process to a port, as the kernel's other end counts them. */
async function connectionsTo(port: number): Promise<number> {
  const list = String(await askRedis({ host: "127.0.0.1", port }, "CLIENT", "LIST"));
  // One of them asks.
  return list.trim().split("\n").length - 1;
}

async function nobodyThere(): Promise<string> {
  return `redis://127.0.0.1:${await freePort()}`;
}

describe.concurrent("connect to a server that is not there: a clear error, in time", () => {
  const timing = { connectTimeoutMs: 300 };
  const unavailable = {
    name: "ChatStateError",
    code: "UNAVAILABLE",
    message: expect.stringMatching(/Redis cannot be reached/),
  };

  const INJECTED: [name: string, open: (url: string, test: TestContext) => RedisStateAdapter][] = [
    [
      "ioredis 6",
      (url, test) => {
        const client = new Redis(url);
        client.on("error", () => {});
        test.onTestFinished(() => client.disconnect());
        return createIoRedisState({ client, ...timing });
      },
    ],
    [
      "ioredis 5, lazyConnect",
      (url, test) => {
        const client = new Redis5(url, { lazyConnect: true });
        client.on("error", () => {});
        test.onTestFinished(() => client.disconnect());
        return createIoRedisState({ client, ...timing });
      },
    ],
    [
      "node-redis 6",
      (url, test) => {
        const client = createClient({ url });
        client.on("error", () => {});
        client.connect().catch(() => {});
        test.onTestFinished(() => client.destroy());
        return createRedisState({ client, ...timing });
      },
    ],
    [
      "node-redis 5",
      (url, test) => {
        const client = createClient5({ url });
        client.on("error", () => {});
        client.connect().catch(() => {});
        test.onTestFinished(() => client.destroy());
        return createRedisState({ client, ...timing });
      },
    ],
    ["ioredis, its own", (url) => ownIoredis({ url, ...timing })],
    ["node-redis, its own", (url) => ownNodeRedis({ url, ...timing })],
  ];

  it.for(INJECTED)("%s", async ([, open], test) => {
    const refused = open(await nobodyThere(), test);
    const proxy = await proxyTo(inject("redisUrl"));
    test.onTestFinished(() => proxy.stop());
    proxy.blackhole(true);
    const silent = open(proxy.url, test);
    const startedAt = performance.now();
    const [cause] = await Promise.all([
      refused.connect().catch((error: unknown) => error),
      expect(silent.connect()).rejects.toMatchObject(unavailable),
    ]);
    expect(cause, "what the client says").toMatchObject({
      ...unavailable,
      message: expect.stringMatching(/cannot be reached: .*ECONNREFUSED/),
      cause: { code: "ECONNREFUSED" },
    });
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    await expect(refused.get("k")).rejects.toMatchObject({ code: "NOT_CONNECTED" });
    await Promise.all([refused.disconnect(), silent.disconnect()]);
  });

  it("a client that was closed, or never opened, is told at once", async () => {
    const ended = new Redis(inject("redisUrl"));
    await ended.quit();
    await until(() => ended.status === "end");
    const unopened = createClient({ url: inject("redisUrl") });
    await expect(createIoRedisState({ client: ended }).connect()).rejects.toMatchObject({
      code: "UNSUPPORTED",
      message: expect.stringMatching(/was closed/),
    });
    const state = createRedisState({ client: unopened });
    await expect(state.connect()).rejects.toMatchObject({
      code: "UNSUPPORTED",
      message: expect.stringMatching(/not connected/),
    });
    await unopened.connect();
    await state.connect();
    await state.get("k");
    unopened.destroy();
  });

  it("a lazy client of ioredis is opened by its first command", async () => {
    const client = new Redis(inject("redisUrl"), { lazyConnect: true });
    await connectState({ client });
    client.disconnect();
  });
});

describe.concurrent.each(OWN)("a client of its own: %s", (_, create) => {
  it("connect and disconnect, many times, leave no socket", async () => {
    await using redis = await startRedis();
    const state = create({ url: redis.url });
    for (let i = 0; i < 10; i++) {
      await Promise.all([state.connect(), state.connect(), state.connect()]);
      expect(await connectionsTo(redis.port)).toBe(1);
      await state.set("k", i);
      await state.disconnect();
      await state.disconnect();
      await expect(state.get("k")).rejects.toMatchObject({ code: "NOT_CONNECTED" });
      await until(async () => (await connectionsTo(redis.port)) === 0);
    }
  });

  it("none is opened before connect, and disconnect before it does nothing", async () => {
    await using redis = await startRedis();
    const state = create({ url: redis.url });
    await state.disconnect();
    await sleep(50);
    expect(await connectionsTo(redis.port)).toBe(0);
    await state.connect();
    await state.disconnect();
  });

  it("calls in a row, not awaited: the last one holds", async () => {
    await using redis = await startRedis();
    const state = create({ url: redis.url });
    const calls = [state.connect(), state.disconnect(), state.connect()];
    await Promise.all(calls);
    expect(await state.get("k")).toBeNull();
    const more = [state.disconnect(), state.connect(), state.connect(), state.disconnect()];
    await Promise.all(more);
    await expect(state.get("k")).rejects.toMatchObject({ code: "NOT_CONNECTED" });
    await until(async () => (await connectionsTo(redis.port)) === 0);
  });

  it("connect fails, the server comes, and connect succeeds; the connection then mends itself", async () => {
    const port = await freePort();
    const state = create({ url: `redis://127.0.0.1:${port}`, connectTimeoutMs: 200 });
    await expect(state.connect()).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await expect(state.connect()).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await using _ = await startRedis({ port });
    const patient = create({ url: `redis://127.0.0.1:${port}` });
    await Promise.all([
      until(() =>
        state.connect().then(
          () => true,
          () => false,
        ),
      ),
      patient.connect(),
    ]);
    await askRedis({ host: "127.0.0.1", port }, "CLIENT", "KILL", "TYPE", "normal");
    await state.set("k", 1);
    expect(await patient.get("k")).toBe(1);
    expect(await connectionsTo(port)).toBe(2);
    await Promise.all([state.disconnect(), patient.disconnect()]);
    await until(async () => (await connectionsTo(port)) === 0);
  });

  it("disconnect while it connects again, and once more from the start", async () => {
    const proxy = await proxyTo(inject("redisUrl"));
    const state = create({ url: proxy.url, keyPrefix: randomPrefix() });
    await state.connect();
    for (let round = 0; round < 2; round++) {
      await proxy.refuse(true);
      proxy.cut();
      await sleep(120);
      await state.disconnect();
      await proxy.refuse(false);
      await sleep(300);
      expect(proxy.connections, "nobody comes back").toBe(0);
      await state.connect();
      proxy.cut();
      expect(await state.setIfNotExists(`k${round}`, 1)).toBe(true);
    }
    await state.disconnect();
    await until(() => proxy.connections === 0);
    await proxy.stop();
  });

  it("disconnect while it connects for the first time", async () => {
    const proxy = await proxyTo(inject("redisUrl"));
    proxy.blackhole(true);
    const state = create({ url: proxy.url, connectTimeoutMs: 300 });
    const connecting = state.connect().catch((error: unknown) => error);
    await state.disconnect();
    expect(await connecting).toMatchObject({ code: "UNAVAILABLE" });
    proxy.blackhole(false);
    await until(() => proxy.connections === 0);
    await proxy.stop();
  });

  it(
    "disconnect from a server that is silent does not wait for it",
    { timeout: 15_000 },
    async () => {
      const proxy = await proxyTo(inject("redisUrl"));
      const state = create({ url: proxy.url, timeoutMs: 200, retryForMs: 200 });
      await state.connect();
      proxy.blackhole(true);
      const call = state.get("k").catch((error: unknown) => error);
      const startedAt = performance.now();
      await state.disconnect();
      expect(performance.now() - startedAt).toBeLessThan(8_000);
      expect(await call).toMatchObject({ name: "ChatStateError" });
      await proxy.stop();
    },
  );

  it("the wrong password is told", async () => {
    await using redis = await startRedis();
    await askRedis(redis, "CONFIG", "SET", "requirepass", "secret");
    const as = (password: string) =>
      create({ url: redis.url.replace("//", `//:${password}@`), connectTimeoutMs: 2_000 });
    await expect(as("wrong").connect()).rejects.toThrow(/WRONGPASS|NOAUTH/);
    const right = as("secret");
    await right.connect();
    await right.disconnect();
  });
});

describe("an injected client", () => {
  it.each(SCRIPT_CLIENTS)("%s is never closed, and keeps no listener of ours", async (kind) => {
    const endpoint = await openEndpoint(kind, inject("redisUrl"));
    onTestFinished(() => endpoint[Symbol.asyncDispose]());
    const client = scriptClient(await endpoint.connect());
    const listeners = (): [string, number][] | undefined => {
      if (!("eventNames" in client)) return undefined;
      const emitter = client as unknown as import("node:events").EventEmitter;
      return emitter.eventNames().map((name) => [String(name), emitter.listenerCount(name)]);
    };
    const warm = createRedisState({ client, keyPrefix: randomPrefix() });
    await warm.connect();
    await warm.disconnect();
    const before = listeners();
    const during = before?.map(([name, count]) => [name, name === "error" ? count + 1 : count]);
    for (let i = 0; i < 20; i++) {
      const state = createRedisState({ client, keyPrefix: randomPrefix() });
      await Promise.all([state.connect(), state.connect()]);
      const lock = (await state.acquireLock("t", 1_000))!;
      expect(listeners()).toEqual(during);
      await state.releaseLock(lock);
      await state.disconnect();
      await expect(state.get("k")).rejects.toMatchObject({
        code: "NOT_CONNECTED",
        message: "RedisStateAdapter is not connected. Call connect() first.",
      });
      await state.connect();
      expect(await state.get("k")).toBeNull();
      await state.disconnect();
    }
    expect(listeners()).toEqual(before);
    await warm.connect();
    expect(await warm.get("k")).toBeNull();
    await warm.disconnect();
  });

  it("that nobody else listens to does not end the process when Redis goes away", async () => {
    const proxy = await proxyTo(inject("redisUrl"));
    const client = await createClient({ url: proxy.url }).connect();
    onTestFinished(() => client.destroy());
    const { logger, errors } = listeningLogger();
    const state = await connectState({ client, keyPrefix: randomPrefix(), logger });
    await proxy.refuse(true);
    proxy.cut();
    await until(() => errors.length > 0);
    await proxy.refuse(false);
    expect(await state.get("k")).toBeNull();
    expect(errors[0]).toEqual(["Redis client error", { error: expect.any(Error) }]);
    await state.disconnect();
    expect(client.listenerCount("error")).toBe(0);
  });

  it("keeps no listener of a connect that failed", async () => {
    const client = new Redis(await nobodyThere());
    onTestFinished(() => client.disconnect());
    const before = client.listenerCount("error");
    const state = createIoRedisState({ client, connectTimeoutMs: 100 });
    await expect(state.connect()).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(client.listenerCount("error")).toBe(before);
  });

  it("a call before connect says so, by the adapter's name", async () => {
    const client = connect(inject("redisUrl"));
    for (const [state, name] of [
      [createRedisState({ client }), "RedisStateAdapter"],
      [createIoRedisState({ client }), "IoRedisStateAdapter"],
    ] as const) {
      const message = `${name} is not connected. Call connect() first.`;
      await expect(state.releaseLock({ threadId: "t", token: "x", expiresAt: 0 })).rejects.toThrow(
        message,
      );
      await expect(state.dequeue("t")).rejects.toThrow(message);
      await expect(state.inspectLocks()).rejects.toThrow(message);
      expect(state.getClient()).toBe(client);
    }
  });

  it("calls during a reconnect wait; extendLock ends within its bound", async () => {
    const proxy = await proxyTo(inject("redisUrl"));
    const times = { timeoutMs: 200, retryForMs: 600 };
    const state = await connectState({
      client: connect(proxy.url),
      keyPrefix: randomPrefix(),
      ...times,
    });
    const lock = (await state.acquireLock("t", 60_000))!;
    await proxy.refuse(true);
    proxy.cut();
    const soon = state.extendLock(lock, 60_000);
    await sleep(150);
    await proxy.refuse(false);
    expect(await soon).toBe(true);

    await proxy.refuse(true);
    proxy.cut();
    const startedAt = performance.now();
    await expect(state.extendLock(lock, 60_000)).rejects.toMatchObject({
      code: "UNKNOWN_OUTCOME",
    });
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    // What was given up may still be carried out when the server is back: once, or not.
    await proxy.refuse(false);
    expect(await state.extendLock(lock, 60_000)).toBe(true);
  });
});

describe("options", () => {
  it("REDIS_URL is where a client of its own connects", async () => {
    vi.stubEnv("REDIS_URL", inject("redisUrl"));
    onTestFinished(() => void vi.unstubAllEnvs());
    for (const [, create] of OWN) {
      const state = create({ keyPrefix: randomPrefix() });
      await state.connect();
      expect(await state.get("k")).toBeNull();
      await state.disconnect();
    }
  });

  it.each(OWN)("%s: no url and no REDIS_URL, or a client that was never set", (name, create) => {
    vi.stubEnv("REDIS_URL", undefined);
    onTestFinished(() => void vi.unstubAllEnvs());
    const message = "Redis url is required. Set REDIS_URL or provide url in options.";
    expect(() => create()).toThrow(expect.objectContaining({ code: "INVALID_OPTION", message }));
    expect(() => create({ client: undefined as never })).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION" }),
    );
    expect(() => create({ url: "no url at all" })).toThrow();
    // As of the published ones: that of ioredis takes it for a client, that of node-redis for none.
    const both = () => create({ client: undefined, url: inject("redisUrl") } as never);
    if (name === "node-redis") expect(both().getClient()).toHaveProperty("evalSha");
    else expect(both).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
  });

  const client = {} as never;
  it.each([
    [{ tokenPrefix: "Redis" }, "INVALID_OPTION"],
    [{ tokenPrefix: "" }, "INVALID_OPTION"],
    [{ tokenPrefix: "a_b" }, "INVALID_OPTION"],
    [{ tokenPrefix: "1a" }, "INVALID_OPTION"],
    [{ tokenPrefix: "a\n" }, "INVALID_OPTION"],
    [{ queueFormat: "python" as never }, "INVALID_OPTION"],
    [{ timeoutMs: 0 }, "INVALID_OPTION"],
    [{ timeoutMs: NaN }, "INVALID_OPTION"],
    [{ timeoutMs: Infinity }, "INVALID_OPTION"],
    // A timer that long would be over at once.
    [{ timeoutMs: 2 ** 31 }, "INVALID_OPTION"],
    [{ retryForMs: -1 }, "INVALID_OPTION"],
    [{ connectTimeoutMs: 2 ** 40 }, "INVALID_OPTION"],
    [{}, "UNSUPPORTED"],
    [{ client: undefined as never }, "UNSUPPORTED"],
    [{ client: null as never }, "UNSUPPORTED"],
  ])("%j is refused", (options, code) => {
    expect(() => createRedisState({ client, ...options })).toThrow(
      expect.objectContaining({ name: "ChatStateError", code }),
    );
  });
});
