import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { readRunLog, RedisRunLogStore, RunLogWriter } from "../src/index.ts";
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
  randomPrefix,
  readAll,
} from "./run-logs.ts";

/** A log without meta, and all who may read it. */
function setUp() {
  const prefix = randomPrefix();
  const redis = connect();
  return {
    prefix,
    redis,
    key: `${prefix}:r`,
    read: (startingAfter = 0) => readAll(readRunLog(redis, "r", { prefix, startingAfter })),
    store: new RedisRunLogStore(redis, { prefix }),
  };
}

describe("an entry", () => {
  it("may have its fields in any order, and others beside them", async () => {
    const { key, read } = setUp();
    await addEntry(key, { data: message("a"), v: "2", timestamp: "x", seq_id: "1" });
    await addEntry(key, { complete: "true", other: "", data: DONE, seq_id: "2" });
    const { chunks, end } = await read();
    expect(chunks).toEqual(numbered([message("a"), DONE]));
    expect(end).toEqual({ state: "done", totalChunks: 2 });
  });

  it("needs neither a timestamp nor data", async () => {
    const { key, read, store } = setUp();
    await addEntry(key, { seq_id: "1" });
    await addEntry(key, { seq_id: "2", complete: "true" });
    expect((await read()).chunks).toEqual(numbered(["", ""]));
    expect(await store.getStatus("r")).toEqual({ state: "done", totalChunks: 2 });
  });

  it.each(["false", "True", "1", "", "true "])(
    "with complete %j is not the last",
    async (complete) => {
      const { key, store, read } = setUp();
      await addEntry(key, { seq_id: "1", data: message("a"), complete });
      expect(await store.getStatus("r")).toEqual({ state: "active", totalChunks: 1 });
      await addEntry(key, { seq_id: "2", data: DONE, complete: "true" });
      expect((await read()).chunks).toEqual(numbered([message("a"), DONE]));
    },
  );

  it.each(["1e3", "0x1", "1".repeat(30), "-1", "1.0", " 1", "1 ", "", "nan", "inf", "١"])(
    "with the seq_id %j is no run's",
    async (seq_id) => {
      const { key, store, read } = setUp();
      await addEntry(key, { seq_id, data: message("a") });
      await expect(store.getStatus("r")).rejects.toMatchObject({ code: "UNSUPPORTED" });
      await expect(read()).rejects.toMatchObject({ code: "UNSUPPORTED" });
    },
  );

  it("without a seq_id is no run's, and in the middle of one a gap", async () => {
    const { key, read } = setUp();
    await addEntry(key, { data: message("a") });
    await expect(read()).rejects.toMatchObject({ code: "UNSUPPORTED" });
    await addEntries(key, messages(2, 2), { from: 2, complete: true });
    await expect(read()).rejects.toMatchObject({ code: "LOST" });
    expect((await read(1)).chunks).toEqual(numbered(messages(2, 2), 2));
  });
});

it.each([
  ["SET", "text"],
  ["RPUSH", "text"],
  ["HSET", "field", "text"],
])("a key that holds what %s makes is no run's", async (command, ...values) => {
  const { key, read, store } = setUp();
  await ask(command, key, ...values);
  const unsupported = { code: "UNSUPPORTED" };
  await expect(read()).rejects.toMatchObject(unsupported);
  await expect(store.getStatus("r")).rejects.toMatchObject(unsupported);
  await expect(store.create("r")).rejects.toMatchObject(unsupported);
  await expect(store.append("r", "x")).rejects.toMatchObject(unsupported);
  expect(await ask("TYPE", key)).not.toBe("stream");
});

it.each([
  "[]",
  "text",
  "5",
  "null",
  '{"state":1}',
  '{"state":"active"}',
  '{"state":"active","totalChunks":"1"}',
])("a meta that holds %s is no run's", async (json) => {
  const { prefix, key, read, store } = setUp();
  await addEntries(key, messages(2), { complete: true });
  await ask("SET", `{${prefix}:r}:meta`, json);
  await expect(read()).rejects.toMatchObject({ code: "UNSUPPORTED" });
  await expect(store.getStatus("r")).rejects.toMatchObject({ code: "UNSUPPORTED" });
});

describe("how a run ended", () => {
  const error = (json: string): string => `event: error\ndata: ${json}\n\n`;

  it.each([
    ['{"error":{"message":"boom"}}', "boom"],
    ['{"error":"boom"}', "boom"],
    ['{"message":"boom"}', "boom"],
    ['{"error":{"message":""}}', ""],
    ['{"error":{"code":5}}', '{"error":{"code":5}}'],
    ['{"error":null,"message":"m"}', "m"],
    ["[1]", "[1]"],
    ['"text"', "text"],
    ["plain text", "plain text"],
    ["{broken", "{broken"],
    ["", ""],
    ['{"error":{"message":"é\\u00e9\\n😀"}}', "éé\n😀"],
  ])("the error %s reads %j", async (json, text) => {
    const { key, store, read } = setUp();
    await addEntries(key, [message("a"), error(json)], { complete: true });
    const end = { state: "error", error: text };
    expect(await store.getStatus("r")).toEqual({ ...end, totalChunks: 1 });
    expect((await readAll(store.readFrom("r", 0))).end).toEqual({ ...end, totalChunks: 1 });
    const all = await read();
    expect(all.end).toEqual({ ...end, totalChunks: 2 });
    expect(all.chunks.at(-1)).toEqual({ seq: 2, data: error(json) });
  });

  it("is an error where one comes before the [DONE]", async () => {
    const { key, store, read } = setUp();
    const entries = [message("a"), error('{"error_type":"stream_incomplete","message":"m"}'), DONE];
    await addEntries(key, entries, { complete: true });
    expect(await store.getStatus("r")).toEqual({ state: "error", error: "m", totalChunks: 1 });
    const all = await read();
    expect(all.chunks).toEqual(numbered(entries));
    expect(all.end).toEqual({ state: "error", error: "m", totalChunks: 3 });
  });

  it("is told live, where error and [DONE] come one by one", async () => {
    const { key, store } = setUp();
    await addEntries(key, [message("a")]);
    const { chunks, outcome } = follow(store.readFrom("r", 0));
    await vi.waitFor(() => expect(chunks).toHaveLength(1));
    await addEntries(key, [error('{"error":"late"}')], { from: 2 });
    expect(await store.getStatus("r")).toEqual({ state: "active", totalChunks: 1 });
    expect(await Promise.race([outcome, sleep(200, "follows")])).toBe("follows");
    expect(chunks).toHaveLength(1);
    await addEntries(key, [DONE], { from: 3, complete: true });
    expect(await outcome).toEqual({ state: "error", error: "late", totalChunks: 1 });
  });

  it.each(["data: x\n\n", "data: not [DONE]\n\n", 'data: {"event: error":1}\n\n', ""])(
    "is done, and the last entry a chunk, where that is %j",
    async (last) => {
      const { key, store } = setUp();
      await addEntries(key, [message("a"), last], { complete: true });
      expect(await store.getStatus("r")).toEqual({ state: "done", totalChunks: 2 });
    },
  );

  it.each([1, 2, 3, 10])("is not changed by Letta's [DONE] behind it, run of %i", async (count) => {
    const { key, store, read } = setUp();
    await addEntries(key, [...messages(count - 1), DONE], { complete: true });
    await addEntry(key, { seq_id: "1", data: DONE, timestamp: "0", complete: "true" });
    for (let after = 0; after < count; after++) {
      const { chunks, end } = await read(after);
      expect(chunks).toEqual(numbered([...messages(count - 1), DONE]).slice(after));
      expect(end).toEqual({ state: "done", totalChunks: count });
    }
    expect(await store.getStatus("r")).toEqual({ state: "done", totalChunks: count - 1 });
  });

  it("is not changed by a [DONE] behind it for those who read over it live", async () => {
    const { key, prefix, redis } = setUp();
    await addEntries(key, messages(3));
    const { chunks, outcome } = follow(readRunLog(redis, "r", { prefix, pollIntervalMs: 300 }));
    await vi.waitFor(() => expect(chunks).toHaveLength(3));
    await addEntries(key, [error('{"error":"e"}')], { from: 4, complete: true });
    await addEntry(key, { seq_id: "1", data: DONE, timestamp: "0", complete: "true" });
    expect(await outcome).toEqual({ state: "error", error: "e", totalChunks: 4 });
    expect(chunks).toHaveLength(4);
  });
});

it("a run whose writer is silent for idleTimeoutMs reads to a store as one whose producer is lost", async () => {
  const { prefix, key, redis } = setUp();
  await addEntries(key, messages(2));
  const store = new RedisRunLogStore(redis, { prefix, idleTimeoutMs: 400, pollIntervalMs: 20 });
  const { chunks, outcome } = follow(store.readFrom("r", 0));
  await vi.waitFor(() => expect(chunks).toHaveLength(2));
  const lost = { state: "error", error: "producer lost", totalChunks: 2 };
  expect(await outcome).toEqual(lost);
  expect(await store.getStatus("r")).toEqual(lost);
  // It is only read as such: who waits longer still follows.
  const patient = new RedisRunLogStore(redis, { prefix });
  expect(await patient.getStatus("r")).toEqual({ state: "active", totalChunks: 2 });
});

describe("entries that come twice", () => {
  it("from a flush whose reply was lost are read once", async () => {
    const { key, read, store } = setUp();
    await addEntries(key, messages(7));
    await addEntries(key, messages(4, 5), { from: 5 });
    await addEntries(key, [DONE], { from: 9, complete: true });
    for (let after = 0; after <= 9; after++) {
      expect((await read(after)).chunks).toEqual(numbered([...messages(8), DONE]).slice(after));
    }
    expect((await readAll(store.readFrom("r", 2))).chunks).toHaveLength(6);
  });

  it("of a restarted writer are the newer life, whole or not at all", async () => {
    const { key, read, prefix, redis } = setUp();
    await addEntries(key, messages(5));
    const following = follow(readRunLog(redis, "r", { prefix, pollIntervalMs: 300 }));
    await vi.waitFor(() => expect(following.chunks).toHaveLength(5));
    await addEntries(key, messages(8, 101));
    expect(await following.outcome).toBe("EXPIRED");
    expect(following.chunks).toEqual(numbered(messages(5)));
    await addEntries(key, [DONE], { from: 9, complete: true });
    const newer = numbered([...messages(8, 101), DONE]);
    for (let after = 0; after <= 9; after++) {
      expect((await read(after)).chunks).toEqual(newer.slice(after));
    }
  });

  it("are not taken for the older life's where the newer is trimmed", async () => {
    const { key, read } = setUp();
    await addEntries(key, messages(5));
    await addEntries(key, messages(5, 101), { complete: true });
    const entries = (await ask("XREVRANGE", key, "+", "-", "COUNT", "5")) as [string, string[]][];
    await ask("XDEL", key, entries[3]![0]);
    await expect(read()).rejects.toMatchObject({ code: "LOST" });
    expect((await read(2)).chunks).toEqual(numbered(messages(3, 103), 3));
  });

  it("among thousands cost no entry", async () => {
    const { key, prefix, redis, read } = setUp();
    const pipeline = redis.pipeline();
    const add = (seq: number, data: string, end: string[] = []): unknown =>
      pipeline.xadd(key, "*", "seq_id", seq, "data", data, "timestamp", 0, ...end);
    for (let seq = 1; seq <= 1_500; seq++) add(seq, message(`old ${seq}`));
    for (let seq = 1; seq <= 2_500; seq++) add(seq, message(`new ${seq}`));
    for (let seq = 2_480; seq <= 2_500; seq++) add(seq, message(`new ${seq}`));
    add(2_501, DONE, ["complete", "true"]);
    await pipeline.exec();
    const news = Array.from({ length: 2_500 }, (_, i) => message(`new ${i + 1}`));
    expect((await read()).chunks).toEqual(numbered([...news, DONE]));
    const some = readRunLog(redis, "r", { prefix, startingAfter: 700, batchSize: 7 });
    expect((await some.next()).value).toEqual({ seq: 701, data: message("new 701") });
    await some.return({ state: "done", totalChunks: 0 });
  });
});

describe("a trimmed log", () => {
  it("is LOST for a cursor before what is left, and fine behind it", async () => {
    const { key, read, store } = setUp();
    await addEntries(key, [...messages(30), DONE], { complete: true });
    await ask("XTRIM", key, "MAXLEN", "11");
    for (const after of [0, 5, 19]) {
      await expect(read(after)).rejects.toMatchObject({ code: "LOST" });
      const reader = store.readFrom("r", after);
      await expect(readAll(reader)).rejects.toMatchObject({ code: "LOST" });
    }
    for (const after of [20, 25, 30, 31]) {
      const rest = numbered([...messages(30), DONE]).slice(after);
      expect((await read(after)).chunks).toEqual(rest);
    }
    expect(await store.getStatus("r")).toEqual({ state: "done", totalChunks: 30 });
  });
});

describe("a log without meta that our writer takes over", () => {
  it("goes on with its seqs, in its own life, for readers who are there and those who come", async () => {
    const { prefix, key, redis, read, store } = setUp();
    await addEntries(key, messages(3));
    const reader = follow(readRunLog(redis, "r", { prefix, pollIntervalMs: 20 }));
    await vi.waitFor(() => expect(reader.chunks).toHaveLength(3));
    await sleep(150);
    const writer = new RunLogWriter(redis, { prefix, idleTimeoutMs: 120, flushIntervalMs: 0 });
    expect(await writer.writeChunk("r", message("m4"))).toBe(4);
    await writer.markComplete("r");
    const all = numbered([...messages(4), DONE]);
    expect(await reader.outcome).toEqual({ state: "done", totalChunks: 5 });
    expect(reader.chunks).toEqual(all);
    expect((await read()).chunks).toEqual(all);
    expect(await store.getStatus("r")).toEqual({ state: "done", totalChunks: 4 });
  });

  it("keeps what had come twice apart, and what was trimmed trimmed", async () => {
    const { prefix, key, redis, read } = setUp();
    await addEntries(key, messages(6));
    await addEntries(key, messages(3, 101));
    await sleep(150);
    const writer = new RunLogWriter(redis, { prefix, idleTimeoutMs: 120, flushIntervalMs: 0 });
    expect(await writer.writeChunk("r", message("m104"))).toBe(4);
    await writer.markComplete("r");
    expect((await read()).chunks).toEqual(numbered([...messages(4, 101), DONE]));
    await ask("XTRIM", key, "MAXLEN", "4");
    await expect(read()).rejects.toMatchObject({ code: "LOST" });
    expect((await read(1)).chunks).toEqual(numbered([...messages(3, 102), DONE], 2));
  });
});
