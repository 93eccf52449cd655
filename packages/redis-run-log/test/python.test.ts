import { setTimeout as sleep } from "node:timers/promises";
import { pythonWithRedis } from "@streambed/test-kit";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { pipeRun, readRunLog, RedisRunLogStore, RunLogWriter } from "../src/index.ts";
import { pythonReader, pythonWriter } from "./python.ts";
import {
  connect,
  DONE,
  follow,
  message,
  messages,
  numbered,
  randomPrefix,
  readAll,
} from "./run-logs.ts";

// Fetched once: each test would wait for it anyway.
beforeAll(async () => {
  await pythonWithRedis();
}, 180_000);

const HOSTILE = [
  message(""),
  message(" two spaces, é, 😀, \u2028"),
  'event: named\ndata: {"a":1}\n\n',
  "data: one\ndata: two\n\n",
  ": a comment\n\n",
  "data: crlf\r\n\r\n",
  "bare text, no event at all",
  "",
  `data: ${"x".repeat(100_000)}\n\n`,
];

describe("what Python writes", () => {
  it("is read by readRunLog, entry by entry, from every cursor", async () => {
    const prefix = randomPrefix();
    const writer = await pythonWriter(`${prefix}:r`);
    expect(await writer.write(...HOSTILE.map((data): [string] => [data]))).toBe(9);
    expect(await writer.write([DONE, true])).toBe(10);
    const redis = connect();
    const all = [...numbered(HOSTILE), { seq: 10, data: DONE }];
    for (let startingAfter = 0; startingAfter <= 10; startingAfter++) {
      const { chunks, end } = await readAll(readRunLog(redis, "r", { prefix, startingAfter }));
      expect(chunks).toEqual(all.slice(startingAfter));
      expect(end).toEqual({ state: "done", totalChunks: 10 });
    }
  });

  it("is read by RedisRunLogStore as chunks, without the end's entry", async () => {
    const prefix = randomPrefix();
    const writer = await pythonWriter(`${prefix}:r`);
    await writer.write(...HOSTILE.map((data): [string] => [data]));
    await writer.write([DONE, true]);
    const store = new RedisRunLogStore(connect(), { prefix });
    const { chunks, end } = await readAll(store.readFrom("r", 0));
    expect(end).toEqual({ state: "done", totalChunks: 9 });
    expect(await store.getStatus("r")).toEqual(end);
    expect(chunks.map(({ data }) => data)).toEqual([
      "\x01",
      "\x01 two spaces, é, 😀, \u2028",
      'named\x01{"a":1}',
      "\x01one\ntwo",
      "\x01: a comment\n\n",
      "\x01crlf",
      "\x01bare text, no event at all",
      "\x01",
      `\x01${"x".repeat(100_000)}`,
    ]);
  });

  it("is followed live by both, to the end", async () => {
    const prefix = randomPrefix();
    const redis = connect();
    const writer = await pythonWriter(`${prefix}:r`);
    await writer.write(...messages(3).map((data): [string] => [data]));
    const store = new RedisRunLogStore(redis, { prefix });
    const log = follow(readRunLog(redis, "r", { prefix }));
    const chunks = follow(store.readFrom("r", 1));
    for (let i = 4; i <= 20; i += 2) {
      await writer.write([message(`m${i}`)], [message(`m${i + 1}`)]);
      await vi.waitFor(() => expect(log.chunks).toEqual(numbered(messages(i + 1))));
      await vi.waitFor(() => expect(chunks.chunks).toHaveLength(i));
    }
    await writer.write([DONE, true]);
    expect(await log.outcome).toEqual({ state: "done", totalChunks: 22 });
    expect(log.chunks.at(-1)).toEqual({ seq: 22, data: DONE });
    expect(await chunks.outcome).toEqual({ state: "done", totalChunks: 21 });
  });

  it("is not mixed with what a restarted writer counts from 1 again", async () => {
    const prefix = randomPrefix();
    const redis = connect();
    const writer = await pythonWriter(`${prefix}:r`);
    await writer.write(...messages(3).map((data): [string] => [data]));
    // Those who look rarely must not take the new life's fourth for what follows the old life's third.
    const options = { prefix, pollIntervalMs: 700 };
    const log = follow(readRunLog(redis, "r", options));
    const chunks = follow(new RedisRunLogStore(redis, options).readFrom("r", 0));
    await vi.waitFor(() => expect([log.chunks.length, chunks.chunks.length]).toEqual([3, 3]));
    await writer.write();
    await writer.write(...messages(6, 101).map((data): [string] => [data]));
    expect(await log.outcome).toBe("EXPIRED");
    expect(await chunks.outcome).toBe("EXPIRED");
    expect(log.chunks).toEqual(numbered(messages(3)));
    await writer.write([DONE, true]);
    const again = await readAll(readRunLog(redis, "r", { prefix }));
    expect(again.chunks).toEqual(numbered([...messages(6, 101), DONE]));
  });
});

describe("a Python loop over XRANGE", () => {
  it("reads what the writer writes, in mid-run too, and ends", async () => {
    const prefix = randomPrefix();
    const writer = new RunLogWriter(connect(), { prefix, flushIntervalMs: 20 });
    const data = [...HOSTILE, 'data: {"seq_id":null}\n\n'];
    for (const chunk of data.slice(0, 5)) await writer.writeChunk("r", chunk);
    await sleep(100);
    const reader = pythonReader(`${prefix}:r`);
    expect((await reader.next()).value).toEqual({ seq: 1, data: data[0] });
    for (const chunk of data.slice(5)) await writer.writeChunk("r", chunk);
    await writer.markComplete("r");
    const rest = [];
    for await (const entry of reader) rest.push(entry);
    const filled = [...HOSTILE, 'data: {"seq_id":10}\n\n', DONE];
    expect(rest).toEqual(numbered(filled).slice(1));
  });

  it("reads what pipeRun writes, and ends with it, cancelled or failed", async () => {
    const prefix = randomPrefix();
    const redis = connect();
    const source = async function* () {
      yield* messages(3);
      throw new Error("the model is gone");
    };
    await pipeRun({ source, redis, runId: "failed", prefix });
    const endless = async function* (signal: AbortSignal) {
      yield* messages(3);
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    };
    const { stop } = await pipeRun({
      source: endless,
      redis,
      runId: "stopped",
      prefix,
      flushIntervalMs: 0,
    });
    const stopped = pythonReader(`${prefix}:stopped`);
    const first = await stopped.next();
    expect(first.value).toEqual({ seq: 1, data: message("m1") });
    await stop();
    const read: Record<string, string[]> = { failed: [], stopped: [] };
    for await (const { data } of pythonReader(`${prefix}:failed`, 1)) read["failed"]!.push(data);
    for await (const { data } of stopped) read["stopped"]!.push(data);
    const error = 'event: error\ndata: {"error":{"message":"the model is gone"}}\n\n';
    expect(read).toEqual({
      failed: [...messages(2, 2), error],
      stopped: [...messages(2, 2), DONE],
    });
  });

  it("reads what the store writes, and a lease that lapses ends it", async () => {
    const prefix = randomPrefix();
    const store = new RedisRunLogStore(connect(), { prefix });
    await store.create("r", { writer: "w", leaseMs: 600 });
    await store.append("r", ["text", "\x01a\nb", 'named\x01{"a":1}'], { writer: "w" });
    const reader = pythonReader(`${prefix}:r`);
    const entries = [await reader.next(), await reader.next(), await reader.next()];
    expect(entries.map(({ value }) => value)).toEqual(
      numbered([
        "chunk: text\ndata: text\n\n",
        "data: a\ndata: b\n\n",
        'event: named\ndata: {"a":1}\n\n',
      ]),
    );
    // Python looks at the stream alone: the end is stored once one of ours has looked.
    await vi.waitFor(async () =>
      expect(await store.getStatus("r")).toMatchObject({ state: "error" }),
    );
    const end = await reader.next();
    const lost = 'event: error\ndata: {"error":{"message":"producer lost"}}\n\n';
    expect(end.value).toEqual({ seq: 4, data: lost });
    expect((await reader.next()).done).toBe(true);
  });

  it("goes on over a log that our writer took over from Python", async () => {
    const prefix = randomPrefix();
    const python = await pythonWriter(`${prefix}:r`);
    await python.write(...messages(3).map((data): [string] => [data]));
    await sleep(250);
    const redis = connect();
    const writer = new RunLogWriter(redis, { prefix, idleTimeoutMs: 200, flushIntervalMs: 0 });
    expect(await writer.writeChunk("r", message("m4"))).toBe(4);
    await writer.markComplete("r");
    const read = [];
    for await (const entry of pythonReader(`${prefix}:r`)) read.push(entry);
    const all = numbered([...messages(4), DONE]);
    expect(read).toEqual(all);
    expect((await readAll(readRunLog(redis, "r", { prefix }))).chunks).toEqual(all);
  });
});
