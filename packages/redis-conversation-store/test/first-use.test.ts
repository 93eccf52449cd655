import { randomUUID } from "node:crypto";
import { ChatHistory } from "@streambed/core/conversation";
import { startTcpProxy } from "@streambed/test-kit";
import type { TcpProxy } from "@streambed/test-kit";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { describe, expect, inject, it, onTestFinished } from "vitest";
import { RedisConversationStore } from "../src/index.ts";
import { connect, LEVELS, randomPrefix } from "./support-clients.ts";

async function openProxy(): Promise<TcpProxy> {
  const { hostname, port } = new URL(inject("redisUrl"));
  const proxy = await startTcpProxy({ host: hostname, port: Number(port) });
  onTestFinished(() => proxy.stop());
  return proxy;
}

describe.each(LEVELS)("%s", (_, level) => {
  it("a server that is away is UNAVAILABLE with its cause, after retryForMs", async () => {
    const proxy = await openProxy();
    const options = { prefix: randomPrefix(), timeoutMs: 100, retryForMs: 300 };
    const store = new RedisConversationStore(level(connect(proxy.url)), options);
    const history = await store.load("s");
    proxy.blackhole(true);
    const calls = [
      store.load("s"),
      store.save("s", history),
      store.save("s", new ChatHistory()),
      store.update("s", () => {}),
      store.delete("s"),
    ];
    const cause = expect.any(Error);
    for (const call of await Promise.allSettled(calls)) {
      expect(call).toMatchObject({ reason: { code: "UNAVAILABLE", cause } });
    }
    proxy.blackhole(false);
  });

  it("bad options of the constructor are refused", () => {
    const client = level(connect());
    for (const bad of [{ ttlSec: 0 }, { timeoutMs: -1 }, { retryForMs: 1.5 }, { maxBytes: "1" }]) {
      expect(() => new RedisConversationStore(client, bad as object)).toThrow(
        expect.objectContaining({ code: "INVALID_OPTION" }),
      );
    }
  });
});

it("a client that is none is refused when the store is made", () => {
  for (const none of [undefined, null, {}, 3, "redis://localhost"]) {
    expect(() => new RedisConversationStore(none as never)).toThrow(/lacks get, set/);
  }
});

it("a client that is not connected is told", async () => {
  const store = new RedisConversationStore(createClient({ url: inject("redisUrl") }));
  await expect(store.load("s")).rejects.toMatchObject({
    code: "UNSUPPORTED",
    message: expect.stringContaining("not connected"),
  });
});

describe("scripts", () => {
  it("one command a load, save or delete, and the server's version once", async () => {
    const proxy = await openProxy();
    const prefix = randomPrefix();
    const warm = new RedisConversationStore(connect(proxy.url), { prefix });
    await warm.update("warm", () => {});
    await warm.delete("warm");
    const store = new RedisConversationStore(connect(proxy.url), { prefix });
    proxy.resetCounts();
    await store.load("s");
    expect(proxy.counts).toMatchObject({ EVALSHA: 2 });
    proxy.resetCounts();
    await store.update("s", (history) => history.append({ role: "user", content: "hello" }));
    const history = await store.load("s");
    await store.save("s", history);
    await store.delete("s");
    expect(proxy.counts).toMatchObject({ EVALSHA: 5 });
  });

  it("are sent again where the server has forgotten them", async () => {
    const redis = connect();
    const store = new RedisConversationStore(redis, { prefix: randomPrefix() });
    await redis.script("FLUSH");
    const history = await store.load("s");
    await redis.script("FLUSH");
    await store.save("s", history);
    await redis.script("FLUSH");
    await store.delete("s");
    expect((await store.load("s")).isEmpty).toBe(true);
  });

  it("need of an ACL user what the README names, and no more", async () => {
    const prefix = randomPrefix();
    const username = `user-${randomUUID()}`;
    const rights = [`~${prefix}:*`, "-@all", "+eval", "+evalsha", "+get", "+set", "+del"];
    const admin = new Redis(inject("redisUrl"));
    await admin.call("ACL", "SETUSER", username, "on", ">pw", "resetchannels", ...rights);
    const options = { username, password: "pw", enableReadyCheck: false };
    const client = new Redis(inject("redisUrl"), options);
    onTestFinished(async () => {
      client.disconnect();
      await admin.call("ACL", "DELUSER", username);
      admin.disconnect();
    });
    const store = new RedisConversationStore(client, { prefix });
    await store.update("s", (history) => history.append({ role: "user", content: "hello" }));
    expect((await store.load("s")).size).toBe(1);
    await store.delete("s");
    const elsewhere = new RedisConversationStore(client, { prefix: randomPrefix() });
    await expect(elsewhere.load("s")).rejects.toMatchObject({ code: "UNSUPPORTED" });
  });
});
