import { expect, it } from "vitest";
import { pipeRun, RedisRunLogStore, RunLogWriter } from "../src/index.ts";
import { ask, connect, DONE, message, randomPrefix } from "./run-logs.ts";

// What other programs rely on, byte by byte: a change here is a change of the layout.

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const id = expect.stringMatching(/^\d{13}-\d+$/) as string;
const uuid = expect.stringMatching(UUID) as string;

type RawEntry = [id: string, fields: string[]];

/** All keys of a run, what they hold, and how long they are kept, in seconds. */
async function stored(prefix: string, runId = "r") {
  const [log, meta] = [`${prefix}:${runId}`, `{${prefix}:${runId}}:meta`];
  // KEYS takes a pattern.
  const keys = (await ask("KEYS", `*${prefix}*`)) as string[];
  const entries = (await ask("XRANGE", log, "-", "+")) as RawEntry[];
  const status = JSON.parse(String(await ask("GET", meta))) as Record<string, unknown>;
  const ttls = [await ask("PTTL", log), await ask("PTTL", meta)].map((ms) => Number(ms) / 1_000);
  return { keys: keys.toSorted(), log, meta, entries, status, ttls };
}

function entry(seq: number, data: string, ...end: string[]): RawEntry {
  const timestamp = expect.stringMatching(/^\d{13}$/) as string;
  return [id, ["seq_id", String(seq), "data", data, "timestamp", timestamp, ...end]];
}

const LAST = ["complete", "true"];

function expectTtl(ttls: readonly number[], seconds: number): void {
  for (const ttl of ttls) {
    expect(ttl).toBeLessThanOrEqual(seconds);
    expect(ttl).toBeGreaterThan(seconds - 10);
  }
}

it("a writer's run, while it goes on and at its end", async () => {
  const prefix = randomPrefix();
  const writer = new RunLogWriter(connect(), { prefix, flushIntervalMs: 0 });
  await writer.writeChunk("r", 'data: {"run_id":null}\n\n');
  // The second waits for the first's flush to be over.
  await expect.poll(() => ask("XLEN", `${prefix}:r`)).toBe(1);
  const open = await stored(prefix);
  expect(open.keys).toEqual([open.log, open.meta].toSorted());
  expect(open.log).toBe(`${prefix}:r`);
  expect(open.meta).toBe(`{${prefix}:r}:meta`);
  expect(open.entries).toEqual([entry(1, 'data: {"run_id":null}\n\n')]);
  expect(open.status).toEqual({
    state: "active",
    totalChunks: 1,
    markers: 0,
    bytes: 23,
    epoch: uuid,
    writer: uuid,
    op: expect.any(String) as string,
    lease: 30_000,
    handover: 15_000,
    keep: 10_000,
    leaseUntil: expect.any(Number) as number,
    ttl: 10_800,
    lastId: open.entries[0]![0],
  });
  expectTtl(open.ttls, 10_800);

  await writer.markComplete("r");
  const { entries, status, ttls } = await stored(prefix);
  expect(entries).toEqual([entry(1, 'data: {"run_id":null}\n\n'), entry(2, DONE, ...LAST)]);
  expect(status).toMatchObject({
    state: "done",
    totalChunks: 1,
    markers: 1,
    lastId: entries[1]![0],
  });
  expectTtl(ttls, 10_800);
});

it("entries have the server's time, in the id and in the timestamp", async () => {
  const prefix = randomPrefix();
  const writer = new RunLogWriter(connect(), { prefix, flushIntervalMs: 0 });
  await writer.writeChunk("r", message("a"), { complete: true });
  const { entries } = await stored(prefix);
  const [[entryId, fields]] = entries as [RawEntry];
  expect(Math.abs(Number(entryId.split("-")[0]) - Number(fields[5]))).toBeLessThan(50);
  const [seconds] = (await ask("TIME")) as string[];
  expect(Math.abs(Number(fields[5]) / 1_000 - Number(seconds))).toBeLessThan(10);
});

it("the writer's default keys are Letta's", async () => {
  const runId = randomPrefix();
  const writer = new RunLogWriter(connect());
  await writer.writeChunk(runId, message("a"), { complete: true });
  expect(await ask("TYPE", `sse:run:${runId}`)).toBe("stream");
  expect(await ask("TYPE", `{sse:run:${runId}}:meta`)).toBe("string");
  await ask("DEL", `sse:run:${runId}`, `{sse:run:${runId}}:meta`);
});

it("pipeRun's run, with a TTL of its own and an error", async () => {
  const prefix = randomPrefix();
  const source = async function* () {
    yield message("a");
    throw new Error('no "model"');
  };
  const { finished } = await pipeRun({
    source,
    redis: connect(),
    runId: "r",
    prefix,
    ttlSec: 100,
    maxLength: 0,
  });
  await finished;
  const { keys, log, meta, entries, status, ttls } = await stored(prefix);
  expect(keys).toEqual([log, meta].toSorted());
  const error = 'event: error\ndata: {"error":{"message":"no \\"model\\""}}\n\n';
  expect(entries).toEqual([entry(1, message("a")), entry(2, error, ...LAST)]);
  expect(status).toEqual({
    state: "error",
    error: 'no "model"',
    totalChunks: 1,
    markers: 1,
    bytes: 9,
    epoch: uuid,
    writer: uuid,
    op: expect.any(String) as string,
    lease: 15_000,
    leaseUntil: expect.any(Number) as number,
    ttl: 100,
    lastId: entries[1]![0],
  });
  expectTtl(ttls, 100);
});

it("pipeRun's run whose source just ends: an error, then [DONE]", async () => {
  const prefix = randomPrefix();
  const source = async function* () {
    yield message("a");
  };
  const { finished } = await pipeRun({ source, redis: connect(), runId: "r", prefix });
  await finished;
  const { entries, status } = await stored(prefix);
  const text = "the source ended without a stop reason";
  const error = `event: error\ndata: {"error_type":"stream_incomplete","error":{"message":"${text}"}}\n\n`;
  expect(entries).toEqual([entry(1, message("a")), entry(2, error), entry(3, DONE, ...LAST)]);
  expect(status).toMatchObject({ state: "error", error: text, totalChunks: 1, markers: 2 });
});

it("a store's stream: chunks as events, each kind of end as an entry", async () => {
  const prefix = randomPrefix();
  const store = new RedisRunLogStore(connect(), { prefix, ttlSec: 50, push: true });
  for (const runId of ["done", "stopped", "failed"]) {
    await store.create(runId, { writer: "w", leaseMs: 1_000 });
    await store.append(runId, ["bare", "\x01text", "named\x01{}", "a\rb"], { writer: "w" });
  }
  await store.complete("done");
  await store.stop("stopped");
  await store.fail("failed", "boom");
  const chunks = [
    entry(1, "chunk: text\ndata: bare\n\n"),
    entry(2, "data: text\n\n"),
    entry(3, "event: named\ndata: {}\n\n"),
    entry(4, 'chunk: text\nexact: "a\\rb"\ndata: a\ndata: b\n\n'),
  ];
  const error = 'event: error\ndata: {"error":{"message":"boom"}}\n\n';
  const ends: Record<string, string> = { done: DONE, stopped: DONE, failed: error };
  for (const [runId, end] of Object.entries(ends)) {
    const { entries, status, ttls } = await stored(prefix, runId);
    expect(entries).toEqual([...chunks, entry(5, end, ...LAST)]);
    expect(status).toEqual({
      state: runId === "failed" ? "error" : runId,
      ...(runId === "failed" && { error: "boom" }),
      totalChunks: 4,
      markers: 1,
      bytes: 4 + 5 + 8 + 3,
      epoch: uuid,
      writer: "w",
      op: expect.any(String) as string,
      lease: 1_000,
      leaseUntil: expect.any(Number) as number,
      ttl: 50,
      notify: `{${prefix}:${runId}}:live`,
      lastId: entries[4]![0],
    });
    expectTtl(ttls, 50);
  }
});

it("a stream whose lease lapses ends with an entry that says so, once", async () => {
  const prefix = randomPrefix();
  const stores = [1, 2].map(() => new RedisRunLogStore(connect(), { prefix }));
  await stores[0]!.create("r", { writer: "w", leaseMs: 100 });
  await stores[0]!.append("r", "\x01a", { writer: "w" });
  await expect
    .poll(() => Promise.all(stores.map((store) => store.getStatus("r"))))
    .toEqual(stores.map(() => ({ state: "error", error: "producer lost", totalChunks: 1 })));
  const { entries } = await stored(prefix);
  const lost = 'event: error\ndata: {"error":{"message":"producer lost"}}\n\n';
  expect(entries).toEqual([entry(1, "data: a\n\n"), entry(2, lost, ...LAST)]);
});

it("an entry reads the same to this reader, whether or not its meta is there", async () => {
  const prefix = randomPrefix();
  const store = new RedisRunLogStore(connect(), { prefix });
  await store.create("r");
  await store.append("r", ["\x01a", "named\x01b"], { end: { error: "boom" } });
  const before = await store.getStatus("r");
  await ask("DEL", `{${prefix}:r}:meta`);
  expect(await store.getStatus("r")).toEqual(before);
});

it("the last entry is kept whatever the length: about as many as were asked for", async () => {
  const prefix = randomPrefix();
  const writer = new RunLogWriter(connect(), { prefix, flushIntervalMs: 0, maxLength: 100 });
  for (let i = 0; i < 500; i++) await writer.writeChunk("r", message("x"));
  await writer.markComplete("r");
  const { entries, status } = await stored(prefix);
  expect(entries.length).toBeGreaterThanOrEqual(100);
  expect(entries.length).toBeLessThan(400);
  expect(entries.at(-1)).toEqual(entry(501, DONE, ...LAST));
  expect(status).toMatchObject({ totalChunks: 500, markers: 1, keep: 100 });
});
