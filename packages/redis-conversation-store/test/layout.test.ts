import { randomUUID } from "node:crypto";
import { ChatHistory } from "@streambed/core/conversation";
import type { Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import { RedisConversationStore } from "../src/index.ts";
import {
  connect,
  LEVELS,
  openFaultyClient,
  randomPrefix,
  SCRIPT_CLIENTS,
} from "./support-clients.ts";
import { GOLDEN } from "./support-golden.ts";

const hello = { role: "user", content: "hello" } as const;

describe.each(LEVELS)("%s", (_, level) => {
  const setUp = (options: { ttlSec?: number } = {}) => {
    const redis = connect();
    const prefix = randomPrefix();
    const store = new RedisConversationStore(level(redis), { prefix, ...options });
    return { redis, prefix, store, key: `${prefix}:s` };
  };

  it("one String under <prefix>:<sessionId>, with the TTL of the last save", async () => {
    const { redis, prefix, store, key } = setUp({ ttlSec: 500 });
    const history = new ChatHistory();
    const id = history.append(hello);
    await store.save("s", history);
    expect(await redis.keys(`${prefix}*`)).toEqual([key]);
    expect(await redis.type(key)).toBe("string");
    const { createdAt } = history.get(id)!;
    const node = `{"id":"${id}","message":{"role":"user","content":"hello"},"parentId":null,"children":[],"metadata":{},"createdAt":"${createdAt}"}`;
    const json = `{"version":1,"nodes":{"${id}":${node}},"rootIds":["${id}"],"activeLeafId":"${id}"}`;
    expect(await redis.get(key)).toBe(json);
    expect(createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);

    await expectTtl(redis, key, 500);
    await redis.expire(key, 50);
    await store.load("s");
    await expectTtl(redis, key, 50);
    await store.update("s", () => {});
    await expectTtl(redis, key, 500);
  });

  it("the defaults are aibind:conv and 1,800 s", async () => {
    const { redis } = setUp();
    const id = randomUUID();
    const store = new RedisConversationStore(level(redis));
    await store.save(id, new ChatHistory());
    await expectTtl(redis, `aibind:conv:${id}`, 1800);
    await store.delete(id);
    expect(await redis.keys(`aibind:conv:${id}*`)).toEqual([]);
  });

  it("bytes that are no UTF-8 do not look like a change", async () => {
    const { redis, store, key } = setUp();
    const [head, tail] = GOLDEN.split("Gut") as [string, string];
    const bytes = Buffer.concat([Buffer.from(head), Buffer.from([0xff, 0xc3]), Buffer.from(tail)]);
    await redis.set(key, bytes);
    await store.update("s", (history) => history.append(hello));
    expect((await store.load("s")).messages.at(-1)).toEqual(hello);
  });

  const FOREIGN: [what: string, put: (redis: Redis, key: string) => Promise<unknown>][] = [
    ["a hash", (redis, key) => redis.hset(key, "version", "1")],
    ["a list", (redis, key) => redis.rpush(key, GOLDEN)],
    ["a set", (redis, key) => redis.sadd(key, GOLDEN)],
    ["a stream", (redis, key) => redis.xadd(key, "*", "version", "1")],
  ];

  it.each(FOREIGN)("a key that holds %s is UNSUPPORTED, and stays as it is", async (_what, put) => {
    const { redis, store, key } = setUp();
    await put(redis, key);
    const before = await redis.dump(key);
    const calls = [
      () => store.load("s"),
      () => store.save("s", new ChatHistory()),
      () => store.update("s", (history) => history.append(hello)),
      () => store.delete("s"),
    ];
    for (const call of calls) {
      await expect(call()).rejects.toMatchObject({
        name: "StreamError",
        code: "UNSUPPORTED",
        message: expect.stringContaining(key),
      });
    }
    expect(await redis.dump(key)).toEqual(before);
    expect(await redis.ttl(key)).toBe(-1);
  });

  it("a key that came to hold another type is no conflict, but UNSUPPORTED", async () => {
    const { redis, store, key } = setUp();
    const history = await store.load("s");
    await redis.rpush(key, "x");
    await expect(store.save("s", history)).rejects.toMatchObject({ code: "UNSUPPORTED" });
    expect(await redis.lrange(key, 0, -1)).toEqual(["x"]);
  });

  it("JSON that is none names the key", async () => {
    const { redis, store, key } = setUp();
    await redis.set(key, GOLDEN.slice(1));
    await expect(store.load("s")).rejects.toMatchObject({
      code: "UNSUPPORTED",
      message: expect.stringContaining(`the key ${key} holds`),
      cause: { code: "UNSUPPORTED", cause: expect.any(SyntaxError) },
    });
  });
});

it.each([...SCRIPT_CLIENTS, "eight methods"] as const)(
  "%s: another library's JSON comes and goes byte by byte",
  async (kind) => {
    const redis = connect();
    const prefix = randomPrefix();
    const { client } = await openFaultyClient(kind);
    const store = new RedisConversationStore<{ role: string }>(client, { prefix });
    await redis.set(`${prefix}:s`, GOLDEN);
    const history = await store.load("s");
    expect(history.messages).toEqual([
      { role: "user", content: "Wie geht's, Ren\u00e9e? \ud83d\ude00" },
      { role: "assistant", content: 'Gut.\n\t"Danke" \u0000\\' },
    ]);
    await store.save("s", history);
    expect(await redis.getBuffer(`${prefix}:s`)).toEqual(Buffer.from(GOLDEN));
    await store.save("copy", history);
    expect(await redis.getBuffer(`${prefix}:copy`)).toEqual(Buffer.from(GOLDEN));
  },
);

it("a keyPrefix of the client's own holds", async () => {
  const prefix = randomPrefix();
  for (const [name, level] of LEVELS) {
    const redis = connect(undefined, "mine:");
    const store = new RedisConversationStore(level(redis), { prefix });
    await store.update(name.replace(" ", "-"), (history) => history.append(hello));
    expect((await store.load(name.replace(" ", "-"))).messages).toEqual([hello]);
  }
  expect(await connect().exists(`mine:${prefix}:scripts`, `mine:${prefix}:eight-methods`)).toBe(2);
});

it("any kind of client takes turns with any other that runs scripts", async () => {
  const prefix = randomPrefix();
  const stores = await Promise.all(
    SCRIPT_CLIENTS.map(async (kind) => {
      const { client } = await openFaultyClient(kind);
      return new RedisConversationStore(client, { prefix });
    }),
  );
  const write = async (store: RedisConversationStore): Promise<void> => {
    for (let turn = 0; turn < 20; turn++) {
      await store.update("s", (history) =>
        history.append({ role: "user", content: String(history.size) }),
      );
    }
  };
  await Promise.all(stores.map(write));
  const { messages } = await new RedisConversationStore(connect(), { prefix }).load("s");
  expect(messages.map(({ content }) => content)).toEqual(
    Array.from({ length: 100 }, (_, i) => String(i)),
  );
});

it("a server without sha1hex compares the JSON itself", async () => {
  const redis = connect();
  const prefix = randomPrefix();
  const client = {
    defineCommand() {},
    evalsha: () => Promise.reject(new Error("NOSCRIPT")),
    eval: (source: string, count: number, ...args: string[]) =>
      redis.eval(source.replace("redis.sha1hex", "nil"), count, ...args),
  };
  const store = new RedisConversationStore(client as unknown as Redis, { prefix });
  const history = await store.load("s");
  for (const content of ["one", "two"]) {
    history.append({ role: "user", content });
    await store.save("s", history);
  }
  const loaded = await store.load("s");
  expect(loaded.toJSON()).toBe(history.toJSON());
  await new RedisConversationStore(redis, { prefix }).update("s", (one) => one.append(hello));
  for (const late of [history, loaded]) {
    late.append(hello);
    await expect(store.save("s", late)).rejects.toMatchObject({ code: "CONFLICT" });
  }
  await store.update("s", (one) => one.append(hello));
  expect((await store.load("s")).size).toBe(4);
});

async function expectTtl(redis: Redis, key: string, ttlSec: number): Promise<void> {
  const ttl = await redis.ttl(key);
  expect(ttl).toBeGreaterThan(ttlSec - 10);
  expect(ttl).toBeLessThanOrEqual(ttlSec);
}
