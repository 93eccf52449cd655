import { createDurableStream } from "@streambed/core";
import { RedisActiveStreams, RedisConversationStore, RedisStreamStore } from "@streambed/redis";
import type { RedisClient } from "@streambed/redis";
import { startRedis, startTcpProxy } from "@streambed/test-kit";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { afterAll, beforeAll, expect, test } from "vitest";

let server: Awaited<ReturnType<typeof startRedis>>;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server[Symbol.asyncDispose]());

/** A question, its answer, and the pointer to it, through all three stores. */
async function turn(redis: RedisClient): Promise<void> {
  const store = new RedisStreamStore(redis, { push: true });
  const active = new RedisActiveStreams(redis);
  const conversations = new RedisConversationStore(redis);
  const id = crypto.randomUUID();

  const question = await conversations.update(id, (history) =>
    history.append({ role: "user", content: "Why?" }),
  );
  async function* source(): AsyncGenerator<string> {
    yield* ["Be", "cause."];
  }
  const { response, finished } = await createDurableStream({ store, id, source });
  expect(await active.set(id, id)).toBe(id);
  expect(await response.text()).toContain("data: cause.");
  expect(await finished).toEqual({ state: "done", totalChunks: 2 });
  const answer = { role: "assistant", content: "Because." } as const;
  await conversations.update(id, (history) => history.append(answer, { parentId: question }));
  expect(await active.get(id)).toBe(id);
  await active.clear(id, id);
  expect(await active.get(id)).toBeNull();
  expect((await conversations.load(id)).messages).toHaveLength(2);
}

test("all three stores share one connection, which stays the user's", async () => {
  await using proxy = await startTcpProxy({ host: server.host, port: server.port });
  const ioredis = new Redis(proxy.url);
  await turn(ioredis);
  expect([proxy.connections, ioredis.status]).toEqual([1, "ready"]);
  await ioredis.quit();
  await expect.poll(() => proxy.connections).toBe(0);

  const nodeRedis = createClient({ url: proxy.url });
  await nodeRedis.connect();
  await turn(nodeRedis);
  expect([proxy.connections, nodeRedis.isReady]).toEqual([1, true]);
  nodeRedis.destroy();
});
