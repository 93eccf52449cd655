import { setTimeout as sleep } from "node:timers/promises";
import { inject, it, expect } from "vitest";
import {
  pipeRun,
  readRunLog,
  RedisRunLogStore,
  RunLogWriter,
  runLogResponse,
} from "../src/index.ts";
import {
  addEntries,
  ask,
  connect,
  DONE,
  message,
  messages,
  randomPrefix,
  readAll,
} from "./run-logs.ts";

/** A log and its status are two keys, and a Redis that is short of memory may forget one of them. */
function setUp() {
  const redis = connect(inject("redisUrl"));
  const prefix = randomPrefix();
  const options = { prefix, idleTimeoutMs: 600, flushIntervalMs: 0 };
  return { redis, prefix, options, key: `${prefix}:r`, meta: `{${prefix}:r}:meta` };
}

it("a writer whose run has lost its status adds nothing more, and readers are told", async () => {
  const { redis, options, key, meta } = setUp();
  const writer = new RunLogWriter(redis, options);
  await writer.writeChunk("r", message("m1"));
  await expect.poll(() => ask("XLEN", key)).toBe(1);
  await ask("DEL", meta);
  await writer.writeChunk("r", message("m2"));
  await expect
    .poll(() => writer.writeChunk("r", "data: m\n\n").catch((error: unknown) => error))
    .toMatchObject({ code: "LOST" });
  expect(await ask("XLEN", key)).toBe(1);
  expect(await ask("EXISTS", meta)).toBe(0);
  await expect(readAll(readRunLog(redis, "r", options))).rejects.toMatchObject({
    code: "ABANDONED",
  });
});

it("so does a run that is piped: it ends, and does not say that all is well", async () => {
  const { redis, options, meta } = setUp();
  const source = async function* (): AsyncGenerator<string> {
    for (let n = 1; n < 200; n++) {
      yield message(`m${n}`);
      await sleep(10);
    }
    yield DONE;
  };
  const { finished } = await pipeRun({ redis, runId: "r", source, ...options });
  await sleep(100);
  await ask("DEL", meta);
  await expect(finished).rejects.toMatchObject({ name: "StreamError" });
  await expect(readAll(readRunLog(redis, "r", options))).rejects.toMatchObject({
    code: "ABANDONED",
  });
});

it("a heartbeat on somebody else's log leaves it alone", async () => {
  const { redis, options, key, meta } = setUp();
  await addEntries(key, messages(2));
  const store = new RedisRunLogStore(redis, options);
  expect(await store.append("r", [])).toBe(2);
  expect(await ask("EXISTS", meta)).toBe(0);
  await addEntries(key, [DONE], { from: 3, complete: true });
  expect((await readAll(store.readFrom("r", 0))).end).toEqual({ state: "done", totalChunks: 2 });
});

it("somebody else's log to which one of ours has added is abandoned like any other", async () => {
  const { redis, options, key } = setUp();
  await addEntries(key, messages(2));
  const store = new RedisRunLogStore(redis, options);
  expect(await store.append("r", "\x01m3")).toBe(3);
  expect((await readAll(store.readFrom("r", 0))).end).toEqual({
    state: "error",
    error: "producer lost",
    totalChunks: 3,
  });
  await expect(readAll(readRunLog(redis, "r", options))).rejects.toMatchObject({
    code: "ABANDONED",
  });
});

it("a stopped log whose entries are gone is LOST, not a fault of a script", async () => {
  const { redis, options, key } = setUp();
  await addEntries(key, messages(30));
  const store = new RedisRunLogStore(redis, options);
  await store.stop("r");
  await addEntries(key, messages(10, 31), { from: 31 });
  for (const gone of [
    ["XTRIM", key, "MAXLEN", "5"],
    ["DEL", key],
  ]) {
    await ask(...gone);
    for (const startingAfter of [0, 29, 31]) {
      const reading = readAll(readRunLog(redis, "r", { ...options, startingAfter }));
      await expect(reading).rejects.toMatchObject({ code: "LOST" });
    }
  }
});

it("what is known to be gone or abandoned at once is 410", async () => {
  const { redis, options, key } = setUp();
  await addEntries(key, messages(10));
  await ask("XTRIM", key, "MAXLEN", "4");
  await sleep(700);
  const codes = [0, 5, 6, 10].map(async (startingAfter) => {
    const response = await runLogResponse(redis, "r", { ...options, startingAfter });
    const { code } =
      response.status === 200 ? { code: "" } : ((await response.json()) as { code: string });
    return [response.status, code];
  });
  expect(await Promise.all(codes)).toEqual([
    [410, "LOST"],
    [410, "LOST"],
    [200, ""],
    [410, "ABANDONED"],
  ]);
});

it("large entries are read a few at a time", { timeout: 20_000 }, async () => {
  const { redis, options, key } = setUp();
  const big = message("x".repeat(200_000));
  await addEntries(
    key,
    Array.from({ length: 120 }, () => big),
    { complete: true },
  );
  const reader = readRunLog(redis, "r", options);
  const startedAt = performance.now();
  for (let n = 0; n < 20; n++) await reader.next();
  const twenty = performance.now() - startedAt;
  await reader.return({ state: "done", totalChunks: 0 });
  // Twenty looks at sixteen entries each, and not at all that are there.
  const whole = performance.now();
  await ask("XRANGE", key, "-", "+");
  expect(twenty).toBeLessThan((performance.now() - whole) * 20 * 0.5);
});
