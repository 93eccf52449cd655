import { getEventListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { readRunLog, RunLogWriter } from "../src/index.ts";
import {
  addEntries,
  addEntry,
  ask,
  connect,
  DONE,
  follow,
  message,
  messages,
  numbered,
  proxyToShared,
  randomPrefix,
  readAll,
} from "./run-logs.ts";

const LEFT = { state: "done", totalChunks: 0 } as const;

/** A log of a writer of ours, complete, with this many messages before the `[DONE]`. */
async function written(count: number, options: { maxLength?: number } = {}) {
  const prefix = randomPrefix();
  const redis = connect();
  const writer = new RunLogWriter(redis, { prefix, flushIntervalMs: 20, ...options });
  for (const data of messages(count)) await writer.writeChunk("r", data);
  await writer.markComplete("r");
  return { prefix, redis, all: numbered([...messages(count), DONE]) };
}

describe("from a cursor", () => {
  it.each([1, 2, 3, 7, 100])(
    "each gives all that is behind it, %i at a time",
    async (batchSize) => {
      const { prefix, redis, all } = await written(12);
      for (let startingAfter = 0; startingAfter <= 13; startingAfter++) {
        const options = { prefix, startingAfter, batchSize };
        const { chunks, end } = await readAll(readRunLog(redis, "r", options));
        expect(chunks).toEqual(all.slice(startingAfter));
        expect(end).toEqual({ state: "done", totalChunks: 13 });
      }
    },
  );

  it.each([-1, 1.5, NaN, Infinity, 14, 2 ** 53])(
    "%s is no cursor of a run of 13",
    async (startingAfter) => {
      const { prefix, redis } = await written(12);
      const reader = readRunLog(redis, "r", { prefix, startingAfter });
      await expect(reader.next()).rejects.toMatchObject({ code: "INVALID_CURSOR" });
    },
  );

  it("no request brings more entries than batchSize", async () => {
    const { prefix } = await written(12);
    const { proxy, requests } = await proxyToShared();
    await readAll(readRunLog(connect(proxy.url), "r", { prefix, batchSize: 5 }));
    const looks = requests.filter(([name]) => /^eval/i.test(name!));
    expect(looks.length).toBeGreaterThanOrEqual(3);
  });

  it.each([0, -1, 1.5, NaN])("batchSize %s and idleTimeoutMs %s are no options", (value) => {
    const refused = expect.objectContaining({ code: "INVALID_OPTION" });
    expect(() => readRunLog(connect(), "r", { batchSize: value })).toThrow(refused);
    expect(() => readRunLog(connect(), "r", { idleTimeoutMs: value })).toThrow(refused);
  });
});

it("puts run and seq where a message has null for them", async () => {
  const prefix = randomPrefix();
  const nulls = 'data: {"run_id":null,"seq_id":null,"text":"\\"run_id\\":null"}\n\n';
  await addEntries(`${prefix}:r`, [nulls, DONE], { complete: true });
  const { chunks } = await readAll(readRunLog(connect(), "r", { prefix }));
  expect(chunks[0]!.data).toBe('data: {"run_id":"r","seq_id":1,"text":"\\"run_id\\":null"}\n\n');
});

it("of an unknown run is NOT_FOUND, of a bad id INVALID_ID", async () => {
  const prefix = randomPrefix();
  const redis = connect();
  await expect(readRunLog(redis, "r", { prefix }).next()).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
  await expect(readRunLog(redis, "a b", { prefix }).next()).rejects.toMatchObject({
    code: "INVALID_ID",
  });
});

describe("LOST", () => {
  it("is what maxLength has trimmed, and only that", async () => {
    const { prefix, redis, all } = await written(1_000, { maxLength: 200 });
    const [first] = (await redis.xrange(`${prefix}:r`, "-", "+", "COUNT", 1)) as [
      string,
      string[],
    ][];
    const seq = Number(first![1][first![1].indexOf("seq_id") + 1]);
    expect(seq).toBeGreaterThan(500);
    for (const startingAfter of [0, seq - 2]) {
      const reader = readRunLog(redis, "r", { prefix, startingAfter });
      await expect(reader.next()).rejects.toMatchObject({ code: "LOST" });
    }
    for (const startingAfter of [seq - 1, seq, 1_000]) {
      const { chunks } = await readAll(readRunLog(redis, "r", { prefix, startingAfter }));
      expect(chunks).toEqual(all.slice(startingAfter));
    }
  });

  it("is what was trimmed while a slow reader was on its way", async () => {
    const { prefix, redis } = await written(30);
    const reader = readRunLog(redis, "r", { prefix, batchSize: 2 });
    expect((await reader.next()).value).toEqual({ seq: 1, data: message("m1") });
    await reader.next();
    await redis.xtrim(`${prefix}:r`, "MAXLEN", 10);
    await expect(reader.next()).rejects.toMatchObject({ code: "LOST" });
  });

  it("is what was trimmed before a follower of a live run has seen it", async () => {
    const prefix = randomPrefix();
    const key = `${prefix}:r`;
    await addEntries(key, messages(3));
    const reader = follow(readRunLog(connect(), "r", { prefix, pollIntervalMs: 1_000 }));
    await vi.waitFor(() => expect(reader.chunks).toHaveLength(3));
    await addEntries(key, messages(20, 4), { from: 4 });
    await ask("XTRIM", key, "MAXLEN", "5");
    expect(await reader.outcome).toBe("LOST");
    expect(reader.chunks).toHaveLength(3);
  });

  it("is a log whose last entry is gone, of ours", async () => {
    const { prefix, redis } = await written(10);
    const [last] = (await redis.xrevrange(`${prefix}:r`, "+", "-", "COUNT", 1)) as [
      string,
      string[],
    ][];
    await redis.xdel(`${prefix}:r`, last![0]);
    for (const startingAfter of [0, 5, 10, 11]) {
      const reader = readRunLog(redis, "r", { prefix, startingAfter });
      await expect(readAll(reader)).rejects.toMatchObject({ code: "LOST" });
    }
  });
});

describe("EXPIRED", () => {
  it.each([true, false])("is a run that is deleted under a follower, ours: %s", async (isOurs) => {
    const prefix = randomPrefix();
    const redis = connect();
    if (isOurs) {
      const writer = new RunLogWriter(redis, { prefix, flushIntervalMs: 0 });
      for (const data of messages(3)) await writer.writeChunk("r", data);
    } else {
      await addEntries(`${prefix}:r`, messages(3));
    }
    const reader = follow(readRunLog(connect(), "r", { prefix }));
    await vi.waitFor(() => expect(reader.chunks).toHaveLength(3));
    await redis.del(`${prefix}:r`, `{${prefix}:r}:meta`);
    expect(await reader.outcome).toBe("EXPIRED");
  });
});

describe("ABANDONED", () => {
  it("is a run without a lease that was silent for idleTimeoutMs, after what it has", async () => {
    const prefix = randomPrefix();
    await addEntries(`${prefix}:r`, messages(3));
    const from = performance.now();
    const options = { prefix, idleTimeoutMs: 600, batchSize: 2, pollIntervalMs: 20 };
    const reader = follow(readRunLog(connect(), "r", options));
    expect(await reader.outcome).toBe("ABANDONED");
    expect(reader.chunks).toEqual(numbered(messages(3)));
    expect(performance.now() - from).toBeGreaterThan(500);
  });

  it("comes at once where the last entry is that old, but all entries before it", async () => {
    const prefix = randomPrefix();
    const old = Date.now() - 400_000;
    for (const [i, data] of messages(5).entries()) {
      await addEntry(`${prefix}:r`, { seq_id: String(i + 1), data }, `${old}-${i}`);
    }
    const reader = follow(readRunLog(connect(), "r", { prefix, batchSize: 2 }));
    expect(await reader.outcome).toBe("ABANDONED");
    expect(reader.chunks).toEqual(numbered(messages(5)));
  });

  it("counts on the server's clock, whatever that of the reader says", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 86_400_000 });
    onTestFinished(() => void vi.useRealTimers());
    const prefix = randomPrefix();
    await ask("XADD", `${prefix}:r`, "*", "seq_id", "1", "data", message("m1"));
    const reader = follow(readRunLog(connect(), "r", { prefix }));
    await vi.waitFor(() => expect(reader.chunks).toHaveLength(1));
    expect(await Promise.race([reader.outcome, sleep(300, "follows")])).toBe("follows");
    await addEntries(`${prefix}:r`, [DONE], { from: 2, complete: true });
    expect(await reader.outcome).toEqual({ state: "done", totalChunks: 2 });
  });

  it("is not a run that goes on slowly, nor one that is over", async () => {
    const prefix = randomPrefix();
    const options = { prefix, idleTimeoutMs: 500, pollIntervalMs: 20 };
    await addEntries(`${prefix}:r`, messages(1));
    const redis = connect();
    const reader = follow(readRunLog(redis, "r", options));
    for (let seq = 2; seq <= 6; seq++) {
      await sleep(200);
      await addEntries(`${prefix}:r`, messages(1, seq), { from: seq, complete: seq === 6 });
    }
    expect(await reader.outcome).toEqual({ state: "done", totalChunks: 6 });
    await sleep(700);
    expect((await readAll(readRunLog(redis, "r", options))).chunks).toEqual(reader.chunks);
  });
});

describe("a reader that leaves", () => {
  it("by its signal gets the signal's reason, while it waits and before it begins", async () => {
    const prefix = randomPrefix();
    await addEntries(`${prefix}:r`, messages(1));
    const redis = connect();
    const abort = new AbortController();
    const reader = readRunLog(redis, "r", { prefix, signal: abort.signal });
    await reader.next();
    const waiting = reader.next();
    setTimeout(() => abort.abort(new Error("enough")), 50);
    await expect(waiting).rejects.toThrow("enough");
    const late = readRunLog(redis, "r", { prefix, signal: abort.signal });
    await expect(late.next()).rejects.toThrow("enough");
  });

  it("by return() does not wait for the next entry", async () => {
    const prefix = randomPrefix();
    await addEntries(`${prefix}:r`, messages(1));
    const reader = readRunLog(connect(), "r", { prefix });
    await reader.next();
    const waiting = reader.next();
    await sleep(50);
    const left = await Promise.race([reader.return(LEFT), sleep(2_000, "waits")]);
    expect(left).toEqual({ done: true, value: LEFT });
    expect((await waiting).done).toBe(true);
    expect((await reader.next()).done).toBe(true);
  });

  it("by throw() or disposal is over", async () => {
    const prefix = randomPrefix();
    await addEntries(`${prefix}:r`, messages(3));
    const redis = connect();
    const thrown = readRunLog(redis, "r", { prefix });
    await thrown.next();
    await expect(thrown.throw(new Error("mine"))).rejects.toThrow("mine");
    expect((await thrown.next()).done).toBe(true);
    const disposed = readRunLog(redis, "r", { prefix });
    await disposed.next();
    await disposed[Symbol.asyncDispose]();
    expect((await disposed.next()).done).toBe(true);
    const seqs: number[] = [];
    for await (const { seq } of readRunLog(redis, "r", { prefix })) {
      seqs.push(seq);
      if (seq === 2) break;
    }
    expect(seqs).toEqual([1, 2]);
  });

  it.each([false, true])("leaves no request, listener or subscription, push: %s", async (push) => {
    const prefix = randomPrefix();
    const writer = new RunLogWriter(connect(), { prefix, push, flushIntervalMs: 0 });
    await writer.writeChunk("r", message("m1"));
    const { proxy } = await proxyToShared();
    const client = connect(proxy.url);
    const options = { prefix, push, pollIntervalMs: 20 };
    const events = ["message", "ready", "error", "end", "close", "reconnecting"];
    const count = (): number[] => events.map((event) => client.listenerCount(event));
    await client.ping();
    const before = count();
    const abort = new AbortController();
    const { signal } = abort;
    const readers = Array.from({ length: 20 }, (_, i) =>
      readRunLog(client, "r", i % 2 === 0 ? { ...options, signal } : options),
    );
    await Promise.all(readers.map((reader) => reader.next()));
    const waiting = readers.map((reader) => reader.next().catch(() => {}));
    const channel = `{${prefix}:r}:live`;
    const listening = async (): Promise<unknown> =>
      ((await ask("PUBSUB", "NUMSUB", channel)) as unknown[])[1];
    await vi.waitFor(async () => expect(await listening()).toBe(push ? 1 : 0));
    abort.abort();
    await Promise.all(readers.map((reader) => reader.return(LEFT)));
    await Promise.all(waiting);
    await vi.waitFor(async () => expect(await listening()).toBe(0));
    await sleep(100);
    proxy.resetCounts();
    await sleep(200);
    expect(proxy.counts).toEqual({});
    expect(count()).toEqual(before);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });
});

describe("the requests of readers", () => {
  it("none of them blocks the connection", async () => {
    const prefix = randomPrefix();
    const { proxy, requests } = await proxyToShared();
    const client = connect(proxy.url);
    await addEntries(`${prefix}:r`, messages(2));
    const reader = follow(readRunLog(client, "r", { prefix }));
    await sleep(200);
    const pushed = follow(readRunLog(client, "r", { prefix, push: true }));
    await sleep(200);
    await addEntries(`${prefix}:r`, [DONE], { from: 3, complete: true });
    await Promise.all([reader.outcome, pushed.outcome]);
    expect(requests.length).toBeGreaterThan(4);
    const names = new Set(requests.map(([name]) => name!.toUpperCase()));
    const known = ["HELLO", "CLIENT", "INFO", "EVAL", "EVALSHA", "SUBSCRIBE", "UNSUBSCRIBE"];
    expect([...names].filter((name) => !known.includes(name))).toEqual([]);
    const sent = requests.flat().join("\n");
    expect(sent).not.toMatch(/XREAD|BLOCK|B[LRZ]POP|WAIT/i);
  });

  it("fifty of one run and one process share their polls", async () => {
    const prefix = randomPrefix();
    const { proxy } = await proxyToShared();
    const client = connect(proxy.url);
    await addEntries(`${prefix}:r`, messages(1));
    const abort = new AbortController();
    const reader = () => {
      // Options made anew each time, as a request handler would.
      const options = { prefix, pollIntervalMs: 50, signal: abort.signal };
      return follow(readRunLog(client, "r", options));
    };
    const readers = Array.from({ length: 50 }, reader);
    await vi.waitFor(() => expect(readers.every(({ chunks }) => chunks.length === 1)).toBe(true));
    await sleep(150);
    proxy.resetCounts();
    await sleep(500);
    const polls = proxy.counts["EVALSHA"] ?? 0;
    expect(polls).toBeGreaterThan(2);
    expect(polls).toBeLessThanOrEqual(12);
    proxy.resetCounts();
    await addEntries(`${prefix}:r`, [message("m2"), DONE], { from: 2, complete: true });
    const ends = await Promise.all(readers.map(({ outcome }) => outcome));
    expect(new Set(ends.map((end) => JSON.stringify(end))).size).toBe(1);
    expect(readers.every(({ chunks }) => chunks.length === 3)).toBe(true);
    expect(proxy.counts["EVALSHA"]).toBeLessThan(60);
    abort.abort();
  });

  it("with push, entries come without polls, and so does the end", async () => {
    const prefix = randomPrefix();
    const writer = new RunLogWriter(connect(), { prefix, push: true, flushIntervalMs: 0 });
    await writer.writeChunk("r", message("m1"));
    const { proxy } = await proxyToShared();
    const reader = follow(readRunLog(connect(proxy.url), "r", { prefix, push: true }));
    const channel = `{${prefix}:r}:live`;
    await vi.waitFor(async () =>
      expect(await ask("PUBSUB", "NUMSUB", channel)).toEqual([channel, 1]),
    );
    await sleep(200);
    proxy.resetCounts();
    for (let i = 2; i <= 30; i++) {
      await writer.writeChunk("r", message(`m${i}`));
      await vi.waitFor(() => expect(reader.chunks).toHaveLength(i), { timeout: 500, interval: 2 });
    }
    const polls = Object.values(proxy.counts).reduce((sum, count) => sum + count, 0);
    expect(polls).toBeLessThanOrEqual(4);
    await writer.markComplete("r");
    const end = await Promise.race([reader.outcome, sleep(1_000, "not at once")]);
    expect(end).toEqual({ state: "done", totalChunks: 31 });
    expect(reader.chunks).toEqual(numbered([...messages(30), DONE]));
  });

  it("with push, a run that Python writes is polled", async () => {
    const prefix = randomPrefix();
    await addEntries(`${prefix}:r`, messages(1));
    const reader = follow(readRunLog(connect(), "r", { prefix, push: true }));
    await vi.waitFor(() => expect(reader.chunks).toHaveLength(1));
    await addEntries(`${prefix}:r`, [DONE], { from: 2, complete: true });
    const end = await Promise.race([reader.outcome, sleep(1_500, "not polled")]);
    expect(end).toEqual({ state: "done", totalChunks: 2 });
  });
});
