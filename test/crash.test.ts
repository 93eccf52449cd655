import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { hostileTokens, textsOf } from "./fixtures/hostile-tokens.ts";
import { startServer } from "./support/servers.ts";
import type { TestServer } from "./support/servers.ts";
import type { SseReader } from "./support/sse-client.ts";
import { STREAM_STORES } from "./support/stores.ts";
import type { SharedStore } from "./support/stores.ts";

const LEASE_MS = 2_000;
/** Lease and a second: by then a reader must have been told. */
const TOLD_WITHIN_MS = LEASE_MS + 1_000;
/** A reader that is never told fails its test soon. */
const LIMIT = { timeout: 30_000 };
/** More than any of these generations gets to. */
const TOKENS = 3_000;
const texts = textsOf(hostileTokens(TOKENS));

/** A store and servers on it; leaving takes them all away. */
async function openServers(open: () => Promise<SharedStore>, count: number) {
  const used = new AsyncDisposableStack();
  const shared = used.use(await open());
  const serve = async (port?: number): Promise<TestServer> =>
    used.use(await startServer({ ...shared.env, LEASE_MS: String(LEASE_MS) }, port));
  const servers = await Promise.all(Array.from({ length: count }, () => serve()));
  return { shared, serve, servers, [Symbol.asyncDispose]: () => used.disposeAsync() };
}

describe.each(STREAM_STORES)("kill -9 of the server in mid-answer, on $name", LIMIT, ({ open }) => {
  it("everything anybody had got comes again, then `producer lost`, within the lease and 1 s", async ({
    annotate,
  }) => {
    await using all = await openServers(open, 2);
    const { shared, serve } = all;
    const [first, second] = all.servers as [TestServer, TestServer];
    const asker = await first.start({ count: TOKENS, delayMs: 4 });
    const { id } = asker;
    await asker.until((event) => event.id === "5");
    const readers = [asker, await first.resume(id), await first.resume(id, { after: 5 })];
    const follower = await second.resume(id, { after: 3 });
    for (const reader of [...readers, follower]) await reader.until((event) => event.id === "60");

    const killedAt = performance.now();
    await first.process.kill("SIGKILL");
    for (const reader of readers) {
      expect(await reader.closed).toBe("cut");
      expect(reader.events.map(({ event }) => event)).not.toContain("done");
    }
    const seen = Math.max(...[...readers, follower].map(lastSeq));

    const restarted = await serve(first.port);
    const resumed = await Promise.all([
      ...readers.map((reader) => restarted.resume(id, { lastEventId: lastSeq(reader) })),
      second.resume(id, { after: 0 }),
    ]);
    for (const reader of [...resumed, follower]) expect(await reader.closed).toBe("complete");

    const status = await shared.store.getStatus(id);
    const total = status?.totalChunks ?? 0;
    expect(status).toEqual({ state: "error", error: "producer lost", totalChunks: total });
    expect(total).toBeGreaterThanOrEqual(seen);
    const froms = [...readers.map(lastSeq), 0, 3];
    for (const [i, reader] of [...resumed, follower].entries()) {
      const toldAt = expectLost(reader, froms[i] ?? 0, total);
      expect(toldAt - killedAt).toBeLessThanOrEqual(TOLD_WITHIN_MS);
      await annotate(`reader ${i} was told ${Math.round(toldAt - killedAt)} ms after the kill`);
    }
  });
});

describe.concurrent.each(STREAM_STORES)("kill -9 of a server on $name", LIMIT, ({ open }) => {
  it("a silent producer is not lost before it is killed, and is then", async () => {
    await using all = await openServers(open, 2);
    const [first, second] = all.servers as [TestServer, TestServer];
    const asker = await first.start({ count: 7, end: "silence" });
    const follower = await second.resume(asker.id);
    await follower.until(({ id }) => id === "7");
    await sleep(LEASE_MS * 1.5);
    expect(await all.shared.store.getStatus(asker.id)).toEqual({ state: "active", totalChunks: 7 });

    const killedAt = performance.now();
    await first.process.kill("SIGKILL");
    expect(await follower.closed).toBe("complete");
    expect(expectLost(follower, 0, 7) - killedAt).toBeLessThanOrEqual(TOLD_WITHIN_MS);
  });

  it("a reader is told at once when the lease ran out while no server was there", async () => {
    await using all = await openServers(open, 1);
    const { shared, serve } = all;
    const [first] = all.servers as [TestServer];
    const asker = await first.start({ count: TOKENS, delayMs: 4 });
    await asker.until(({ id }) => id === "20");
    await first.process.kill("SIGKILL");
    await sleep(LEASE_MS);
    const restarted = await serve(first.port);
    const cameAt = performance.now();
    const rest = await restarted.resume(asker.id, { lastEventId: lastSeq(asker) });
    expect(await rest.closed).toBe("complete");
    const total = (await shared.store.getStatus(asker.id))?.totalChunks ?? 0;
    expect(expectLost(rest, lastSeq(asker), total) - cameAt).toBeLessThanOrEqual(1_000);
  });
});

/**
 * Got every chunk from `after` on to `total`, then the error, then the stored end.
 *
 * @returns when it got the error
 */
function expectLost(reader: SseReader, after: number, total: number): number {
  const rest = texts.slice(after, total);
  expect(reader.chunks.map(({ data }) => data)).toEqual(rest);
  expect(reader.chunks.map(({ id }) => id)).toEqual(rest.map((_, i) => `${after + i + 1}`));
  const others = reader.events.filter(({ id }) => id === undefined);
  expect(others.map(({ event, data }) => [event, data])).toEqual([
    ["stream-id", reader.id],
    ["error", "producer lost"],
    ["done", ""],
  ]);
  expect(reader.events.slice(-2)).toEqual(others.slice(-2));
  return others[1]?.at ?? Infinity;
}

function lastSeq(reader: SseReader): number {
  return Number(reader.chunks.at(-1)?.id ?? 0);
}
