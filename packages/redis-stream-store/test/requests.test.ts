import { setTimeout as sleep } from "node:timers/promises";
import { startRedis } from "@streambed/test-kit";
import type { RedisServer } from "@streambed/test-kit";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { RedisStreamStore } from "../src/index.ts";
import { connect, proxyTo, randomPrefix } from "./clients.ts";

/** Its own: another file's SCRIPT FLUSH would add requests. */
let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

const total = (counts: Record<string, number>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

async function setUp(options: { pollIntervalMs?: number } = {}) {
  const proxy = await proxyTo(server.url);
  const store = new RedisStreamStore(connect(proxy.url), { ...options, prefix: randomPrefix() });
  await store.create("s", { writer: "w" });
  await store.append("s", "first", { writer: "w" });
  const counted = async (action: () => Promise<unknown>): Promise<number> => {
    proxy.resetCounts();
    await action();
    return total(proxy.counts);
  };
  return { proxy, store, counted };
}

it("an append is one request", async () => {
  const { store, counted } = await setUp();
  const requests = await counted(async () => {
    for (let i = 0; i < 50; i++) await store.append("s", "x", { writer: "w" });
  });
  expect(requests).toBe(50);
});

it("readers in the writer's process get its chunks without a request of their own", async () => {
  const { store, counted } = await setUp();
  const readers = Array.from({ length: 20 }, () => store.readFrom("s", 0));
  await Promise.all(readers.map((reader) => reader.next()));
  const requests = await counted(async () => {
    for (let seq = 2; seq <= 40; seq++) {
      const next = readers.map((reader) => reader.next());
      await store.append("s", `chunk ${seq}`, { writer: "w" });
      for (const { value } of await Promise.all(next)) {
        expect(value).toEqual({ seq, data: `chunk ${seq}` });
      }
    }
  });
  expect(requests).toBeGreaterThanOrEqual(39);
  // The first wait of each reader may look for itself; after that there is an append and now and then a poll.
  expect(requests).toBeLessThan(39 + 20 + 10);
  await Promise.all(readers.map((reader) => reader.return({ state: "done", totalChunks: 0 })));
});

it("many readers of one stream share a poll", async () => {
  const { proxy, store, counted } = await setUp({ pollIntervalMs: 50 });
  const abort = new AbortController();
  proxy.resetCounts();
  const readers = Array.from({ length: 50 }, () =>
    store.readFrom("s", 1, { signal: abort.signal }),
  );
  const waiting = readers.map((reader) => reader.next().catch(() => {}));
  await vi.waitFor(() => expect(total(proxy.counts)).toBeGreaterThanOrEqual(50));
  await sleep(100);
  const requests = await counted(() => sleep(500));
  expect(requests).toBeGreaterThan(0);
  expect(requests).toBeLessThanOrEqual(11);
  abort.abort();
  await Promise.all(waiting);
  expect(await counted(() => sleep(200)), "requests after the last reader has left").toBe(0);
});

it("a client's own keyPrefix holds for scripts as for plain commands", async () => {
  const prefix = randomPrefix();
  const plain = connect(server.url);
  const store = new RedisStreamStore(connect(server.url, { keyPrefix: "mine:" }), {
    prefix,
  });
  await store.create("s");
  await store.append("s", "x", { end: "done" });
  expect(await plain.keys(`*${prefix}*`)).toHaveLength(2);
  expect(await plain.exists(`mine:${prefix}:s:status`, `mine:${prefix}:s:chunks`)).toBe(2);
  await store.delete("s");
  expect(await plain.keys(`*${prefix}*`)).toEqual([]);
});
