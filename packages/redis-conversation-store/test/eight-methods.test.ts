import { setTimeout as sleep } from "node:timers/promises";
import type { ChatHistory } from "@streambed/core/conversation";
import type { EightMethodClient } from "@streambed/redis-driver";
import { describe, expect, it } from "vitest";
import { RedisConversationStore } from "../src/index.ts";
import type { RedisConversationStoreOptions } from "../src/index.ts";
import { connect, openFaultyClient, randomPrefix, toEightMethods } from "./support-clients.ts";

// What is peculiar to clients with the eight plain methods: the lock.

const say = (history: ChatHistory, content: string): string =>
  history.append({ role: "user", content });

async function textsOf(store: RedisConversationStore): Promise<string[]> {
  return (await store.load("s")).messages.map(({ content }) => content);
}

function setUp(
  options: RedisConversationStoreOptions = {},
  change: (client: EightMethodClient) => Partial<EightMethodClient> = () => ({}),
) {
  const redis = connect();
  const prefix = randomPrefix();
  const eight = toEightMethods(redis);
  const store = new RedisConversationStore({ ...eight, ...change(eight) }, { prefix, ...options });
  const other = new RedisConversationStore(toEightMethods(connect()), { prefix });
  return { redis, prefix, store, other, key: `${prefix}:s`, lock: `${prefix}:s#lock` };
}

describe("the lock", () => {
  it("is there while a save is under way, with a TTL, and gone afterwards", async () => {
    const ttls: number[] = [];
    const { redis, store, key, lock } = setUp({}, (eight) => ({
      set: async (...args) => {
        ttls.push(await redis.ttl(lock));
        return eight.set(...args);
      },
    }));
    await store.update("s", (history) => say(history, "hello"));
    await store.update("s", (history) => say(history, "again"));
    expect(ttls).toEqual([6, 6]);
    await store.delete("s");
    expect(await redis.exists(key, lock)).toBe(0);
  });

  it.each([
    ["with its time", true],
    ["before it had one", false],
  ])("of a process that was killed %s is not there for ever", async (_, hasTtl) => {
    const { redis, store, lock } = setUp({ timeoutMs: 500 });
    await redis.rpush(lock, "somebody");
    if (hasTtl) await redis.expire(lock, 2);
    const startedAt = performance.now();
    await store.update("s", (history) => say(history, "hello"));
    expect(performance.now() - startedAt).toBeGreaterThan(1_000);
    expect(await textsOf(store)).toEqual(["hello"]);
    expect(await redis.exists(lock)).toBe(0);
  });

  it("that somebody goes on holding makes it UNAVAILABLE, and nothing is stored", async () => {
    const { redis, store, key, lock } = setUp({ timeoutMs: 800, retryForMs: 100 });
    await redis.rpush(lock, "somebody");
    const calls = [store.update("s", (history) => say(history, "x")), store.delete("s")];
    const cause = expect.objectContaining({ message: "somebody else is saving this conversation" });
    for (const call of await Promise.allSettled(calls)) {
      expect(call).toMatchObject({ reason: { code: "UNAVAILABLE", cause } });
    }
    expect(await redis.exists(key)).toBe(0);
    expect(await redis.lindex(lock, 0)).toBe("somebody");
  });

  it("an attempt that was given up writes nothing any more", async () => {
    let slowGets = 0;
    const { redis, store, other, lock } = setUp({ timeoutMs: 200 }, (eight) => ({
      get: async (key) => {
        const stored = await eight.get(key);
        if (slowGets-- > 0) await sleep(600);
        return stored;
      },
    }));
    const history = await store.load("s");
    say(history, "mine");
    slowGets = 1;
    await store.save("s", history);
    await other.update("s", (theirs) => say(theirs, "theirs"));
    await sleep(600);
    expect(await textsOf(other)).toEqual(["mine", "theirs"]);
    expect(await redis.exists(lock)).toBe(0);
  });

  it("that is of another type is UNSUPPORTED", async () => {
    const { redis, store, lock } = setUp();
    await redis.set(lock, "x");
    await expect(store.save("s", await store.load("s"))).rejects.toMatchObject({
      code: "UNSUPPORTED",
    });
    expect(await redis.get(lock)).toBe("x");
  });
});

it("a client that parses JSON is told so, and nothing is stored", async () => {
  const { redis, store, other, key } = setUp({}, (eight) => ({
    get: async (one) => JSON.parse((await eight.get(one)) ?? "null") as string | null,
  }));
  const history = await store.load("s");
  say(history, "hello");
  await store.save("s", history);
  const stored = await redis.get(key);
  for (const call of [() => store.load("s"), () => store.save("s", history)]) {
    await expect(call()).rejects.toMatchObject({
      code: "UNSUPPORTED",
      message: expect.stringContaining("turn off its parsing"),
    });
  }
  expect(await redis.get(key)).toBe(stored);
  expect(await textsOf(other)).toEqual(["hello"]);
});

it("a client that gives back undefined for nothing is as good", async () => {
  const { store } = setUp({}, (eight) => ({
    get: async (key) => (await eight.get(key)) ?? (undefined as unknown as null),
  }));
  await store.update("s", (history) => say(history, "hello"));
  expect(await textsOf(store)).toEqual(["hello"]);
});

it.each(["rpush", "lrange", "expire", "get", "set", "del"])(
  "the reply to any %s is lost: each turn is there once",
  async (command) => {
    const prefix = randomPrefix();
    const { client, losesReplies } = await openFaultyClient("eight methods");
    const store = new RedisConversationStore(client, { prefix });
    const other = new RedisConversationStore(toEightMethods(connect()), { prefix });
    for (let turn = 0; turn < 5; turn++) {
      let isLost = false;
      losesReplies(([name = ""]) => {
        const hit = !isLost && name.toLowerCase() === command;
        isLost ||= hit;
        return hit;
      });
      await store.update("s", (history) => say(history, `mine ${turn}`));
      if (command !== "del") expect(isLost).toBe(true);
      await other.update("s", (history) => say(history, `theirs ${turn}`));
    }
    expect(await textsOf(other)).toEqual(
      [0, 1, 2, 3, 4].flatMap((turn) => [`mine ${turn}`, `theirs ${turn}`]),
    );
  },
);
