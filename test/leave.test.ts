import { setTimeout as sleep } from "node:timers/promises";
import { startTcpProxy } from "@streambed/test-kit";
import type { TcpProxy } from "@streambed/test-kit";
import { afterEach, describe, expect, it } from "vitest";
import { startServer } from "./support/servers.ts";
import type { TestServer } from "./support/servers.ts";
import { STREAM_STORES } from "./support/stores.ts";
import type { SharedStore } from "./support/stores.ts";

const READERS = 50;
const SCRIPT = { say: ["a", "b", "c", "d"], holdAfter: 2 };
/** Long, so that no heartbeat of the producer falls into a window. */
const LEASE_MS = "120000";

describe.each(STREAM_STORES)("readers that leave, on $name", ({ open }) => {
  const used: AsyncDisposable[] = [];
  afterEach(async () => {
    while (used.length > 0) await used.pop()?.[Symbol.asyncDispose]();
  });
  function use<T extends AsyncDisposable>(resource: T): T {
    used.push(resource);
    return resource;
  }

  /** A server process whose commands to Redis are counted. */
  async function serve(shared: SharedStore): Promise<{ server: TestServer; proxy?: TcpProxy }> {
    const { REDIS_URL } = shared.env;
    if (REDIS_URL === undefined)
      return { server: use(await startServer({ ...shared.env, LEASE_MS })) };
    const { hostname, port } = new URL(REDIS_URL);
    const proxy = use(await startTcpProxy({ host: hostname, port: Number(port) }));
    const env = { ...shared.env, REDIS_URL: `redis://${proxy.host}:${proxy.port}`, LEASE_MS };
    return { server: use(await startServer(env)), proxy };
  }

  /** As many readers as leave, each after it has got what there is. */
  async function comeAndGo(server: TestServer, id: string): Promise<void> {
    const readers = await Promise.all(Array.from({ length: READERS }, () => server.resume(id)));
    await Promise.all(readers.map((reader) => reader.until((event) => event.id === "2")));
    const during = await server.debug();
    expect(during.resources.TCPSocketWrap).toBeGreaterThanOrEqual(READERS);
    expect(during.abortListeners).toBeGreaterThanOrEqual(READERS);
    await Promise.all(readers.map((reader) => reader.cut()));
  }

  it("leave nothing behind where the answer is made, and do not end it", async () => {
    const shared = use(await open());
    const { server, proxy } = await serve(shared);
    // What is set up once, at the first request and the first reader, is no leftover.
    await (
      await server.start({ say: ["warm"] })
    ).closed;
    const idle = await atRest(server);

    const asker = await server.start({ name: "left", ...SCRIPT });
    await asker.until((event) => event.id === "2");
    await asker.cut();
    const silent = await atRest(server);
    const commandsBefore = await commandsOf(proxy);
    if (proxy) expect(commandsBefore).toBeGreaterThan(0);

    await comeAndGo(server, asker.id);
    await expectNoMoreThan(silent, server);
    const commandsAfter = await commandsOf(proxy);
    // The producer itself looks every 500 ms: two, one more or less.
    expect(Math.abs(commandsAfter - commandsBefore)).toBeLessThanOrEqual(2);

    expect(await shared.store.getStatus(asker.id)).toEqual({ state: "active", totalChunks: 2 });
    expect(server.process.stdout.join("\n")).not.toContain("model aborted: left");
    await server.go("left");
    const state = async () => (await shared.store.getStatus(asker.id))?.state;
    await expect.poll(state).toBe("done");
    await server.process.waitForLine(/model finished: left/);
    const late = await server.resume(asker.id);
    expect(await late.closed).toBe("complete");
    expect(late.chunks.map(({ data }) => data).slice(0, 4)).toEqual(SCRIPT.say);

    await expectNoMoreThan(idle, server);
    expect(await commandsOf(proxy)).toBe(0);
  });

  it("leave nothing behind in another process, while the answer goes on", async () => {
    const shared = use(await open());
    const [{ server: producer }, { server, proxy }] = await Promise.all([
      serve(shared),
      serve(shared),
    ]);
    const warm = await producer.start({ say: ["warm"] });
    await warm.closed;
    await (
      await server.resume(warm.id)
    ).closed;
    const idle = await atRest(server);

    const asker = await producer.start({ name: "left", ...SCRIPT });
    await asker.until((event) => event.id === "2");
    proxy?.resetCounts();
    await comeAndGo(server, asker.id);
    if (proxy) expect(total(proxy)).toBeGreaterThan(READERS);
    await expectNoMoreThan(idle, server);
    expect(await commandsOf(proxy)).toBe(0);
    expect(await shared.store.getStatus(asker.id)).toEqual({ state: "active", totalChunks: 2 });

    await producer.go("left");
    expect(await asker.closed).toBe("complete");
    await expectNoMoreThan(idle, server);
    expect(await commandsOf(proxy)).toBe(0);
  });
});

/** What a server holds on to when it has come to rest: the same three times. */
async function atRest(server: TestServer): Promise<Record<string, number>> {
  for (let same = 1, last = await counts(server); ;) {
    await sleep(50);
    const now = await counts(server);
    same = JSON.stringify(now) === JSON.stringify(last) ? same + 1 : 1;
    if (same === 3) return now;
    last = now;
  }
}

async function expectNoMoreThan(before: Record<string, number>, server: TestServer): Promise<void> {
  const more = async () =>
    Object.entries(await counts(server)).filter(([what, count]) => count > (before[what] ?? 0));
  await expect.poll(more, { timeout: 5_000 }).toEqual([]);
}

async function counts(server: TestServer): Promise<Record<string, number>> {
  const { resources, ...others } = await server.debug();
  return { ...others, ...resources };
}

/** Commands of one second. */
async function commandsOf(proxy: TcpProxy | undefined): Promise<number> {
  if (proxy === undefined) return 0;
  proxy.resetCounts();
  await sleep(1_000);
  return total(proxy);
}

function total(proxy: TcpProxy): number {
  return Object.values(proxy.counts).reduce((sum, count) => sum + count, 0);
}
