import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { AppendLog, unavailable } from "../../test/support/append-log.ts";
import { keepsAlive } from "../../test/support/timers.ts";
import { noUnhandledRejections } from "../../test/support/unhandled.ts";
import { StreamError } from "../contracts/stream-error.ts";
import type { StreamErrorCode } from "../contracts/stream-error.ts";
import { StreamWriter } from "./stream-writer.ts";
import type { StreamWriterOptions } from "./stream-writer.ts";

const LEASE_MS = 15_000;

let log: AppendLog;
let refusals: unknown[];
let writers: StreamWriter[];

noUnhandledRejections();
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  log = new AppendLog();
  refusals = [];
  writers = [];
});
afterEach(() => {
  for (const writer of writers) writer.close();
  expect(vi.getTimerCount(), "timers left").toBe(0);
  vi.useRealTimers();
});

function open(leaseMs = LEASE_MS, flush: Partial<StreamWriterOptions> = {}): StreamWriter {
  const onRefused = (error: unknown): void => void refusals.push(error);
  const timing = { leaseMs, flushIntervalMs: 1, flushSize: 2_000, ...flush };
  const writer = new StreamWriter(log.store, "s", { writer: "w", ...timing, onRefused });
  writers.push(writer);
  return writer;
}

const tick = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const coded = (code: StreamErrorCode): object =>
  expect.objectContaining({ name: "StreamError", code });
/** Whether a promise has settled. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  let over = false;
  const note = (): void => void (over = true);
  promise.then(note, note);
  await tick();
  return over;
}

describe("group commit", () => {
  test("the first chunk goes at once; what comes while it is under way goes together", async () => {
    log.answer = () => "later";
    const writer = open();
    await writer.write("a");
    expect(log.chunks).toEqual(["a"]);
    for (const chunk of ["b", "", "c"]) await writer.write(chunk);
    await tick();
    expect(log.appends).toHaveLength(1);
    log.appends[0]?.settle();
    await tick();
    expect(log.appends, "an append at most every millisecond").toHaveLength(1);
    await tick(1);
    expect(log.appends.map(({ chunks }) => chunks)).toEqual([["a"], ["b", "", "c"]]);
    expect(log.appends.every((append) => append.writer === "w")).toBe(true);
    expect(new Set(log.appends.map(({ op }) => op)).size).toBe(2);
    expect(log.appends.map(({ end }) => end)).toEqual([undefined, undefined]);
  });

  test("everything once, in order, one append at a time, whatever the store's pace and failures", async () => {
    const anyPauses = fc.array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 40 });
    const anyAnswers = fc.array(fc.record({ afterMs: fc.nat({ max: 40 }), fails: fc.boolean() }));
    await fc.assert(
      fc.asyncProperty(anyPauses, anyAnswers, async (pauses, answers) => {
        log = new AppendLog();
        const stored: string[] = [];
        const ops = new Set<string>();
        log.answer = ({ chunks, op = "" }, i) => {
          // As a store does: stores by op, also where the answer gets lost.
          if (!ops.has(op)) stored.push(...chunks);
          ops.add(op);
          const { afterMs, fails } = answers[i] ?? { afterMs: 0, fails: false };
          return fails ? { afterMs, error: unavailable() } : { afterMs };
        };
        const writer = open();
        const written = pauses.map((_, i) => String(i));
        const writing = (async () => {
          for (const [i, pause] of pauses.entries()) {
            await writer.write(String(i));
            if (pause > 10) await new Promise((resolve) => setTimeout(resolve, pause));
          }
          await writer.end("done");
        })();
        while (!(await settled(writing))) await tick(5);
        await writing;
        expect(stored).toEqual(written);
        expect(log.mostPending).toBe(1);
        expect(log.appends.at(-1)?.end).toBe("done");
        expect(refusals).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test("by size and by time, where that is asked for", async () => {
    const writer = open(LEASE_MS, { flushIntervalMs: 500, flushSize: 3 });
    await writer.write("a");
    for (const chunk of ["b", "c"]) await writer.write(chunk);
    await tick(499);
    expect(
      log.appends.map(({ chunks }) => chunks),
      "the first does not wait",
    ).toEqual([["a"]]);
    await tick(1);
    expect(log.appends.at(-1)?.chunks).toEqual(["b", "c"]);
    for (const chunk of ["d", "e", "f"]) await writer.write(chunk);
    await tick();
    expect(log.appends.at(-1)?.chunks, "three do not wait").toEqual(["d", "e", "f"]);
    await writer.write("g");
    await tick(100);
    await writer.end("done");
    expect(log.appends.at(-1), "an end does not wait").toMatchObject({
      chunks: ["g"],
      end: "done",
    });
    expect(log.appends).toHaveLength(4);
  });

  test("a flushSize beyond what there is room for does not make the source wait for the interval", async () => {
    const writer = open(LEASE_MS, { flushIntervalMs: 60_000, flushSize: 1_000_000 });
    await writer.write("first");
    for (let n = 0; n < 10_000; n++) await writer.write("x");
    expect(performance.now()).toBe(log.appends[0]?.at);
    expect(log.chunks.length).toBeGreaterThan(6_000);
  });

  test("a heartbeat does not wait for a long interval, nor does who closes", async () => {
    const writer = open(3_000, { flushIntervalMs: 60_000 });
    await writer.write("a");
    await writer.write("b");
    await tick(1_100);
    expect(log.chunks).toEqual(["a", "b"]);
    await writer.write("c");
    writer.close();
    await tick();
    expect(log.chunks).toEqual(["a", "b"]);
  });

  test("without any interval, as fast as the store takes it", async () => {
    const writer = open(LEASE_MS, { flushIntervalMs: 0 });
    const start = performance.now();
    for (const chunk of ["a", "b", "c"]) {
      await writer.write(chunk);
      await tick();
    }
    expect(log.appends.map(({ at }) => at - start)).toEqual([0, 0, 0]);
  });

  test("an append is bounded, in chunks and in length", async () => {
    log.answer = (_, i) => (i === 0 ? "later" : undefined);
    const writer = open();
    for (let i = 0; i < 3_900; i++) await writer.write("x");
    log.appends[0]?.settle();
    await tick(5);
    expect(log.appends.map(({ chunks }) => chunks.length)).toEqual([1, 2_000, 1_899]);

    log = new AppendLog();
    log.answer = (_, i) => (i === 0 ? "later" : undefined);
    const other = open();
    const sizes = [1, 200_000, 62_144, 1, 300_000, 300_000, 5];
    for (const size of sizes) await other.write("x".repeat(size));
    log.appends[0]?.settle();
    await tick(10);
    const lengths = log.appends.map(({ chunks }) => chunks.map(({ length }) => length));
    expect(lengths).toEqual([[1], [200_000, 62_144], [1], [300_000], [300_000], [5]]);
  });
});

describe("backpressure", () => {
  test.each([
    // One under way, and 4,000 chunks or 1,048,576 units of them waiting.
    ["many chunks", "x", 4_001, 2_000],
    ["long ones", "x".repeat(100_000), 12, 2],
  ])("%s that the store does not take make the source wait", async (_, chunk, most, batch) => {
    log.answer = () => "later";
    const writer = open();
    let written = 0;
    let error: unknown;
    const source = (async () => {
      for (; written < 100_000; written++) await writer.write(chunk);
    })().catch((refusal: unknown) => (error = refusal));
    // The last one is taken, but does not resolve.
    for (let i = 0; i < 5; i++) {
      await tick(3_000);
      expect(written).toBe(most - 1 + i * batch);
      log.appends[i]?.settle();
    }
    writer.close();
    await source;
    expect(error).toEqual(coded("NOT_ACTIVE"));
  });

  test("a chunk longer than the whole buffer goes alone", async () => {
    log.answer = () => ({ afterMs: 10 });
    const writer = open();
    const long = "x".repeat(3_000_000);
    const writing = (async () => {
      for (const chunk of [long, "a", long, "b"]) await writer.write(chunk);
      await writer.end("done");
    })();
    await tick(100);
    await writing;
    expect(log.chunks.map(({ length }) => length)).toEqual([3_000_000, 1, 3_000_000, 1]);
  });
});

describe("a store that does not answer", () => {
  test("gets the identical append again, and nothing new before it has taken it", async () => {
    log.answer = (_, i) => (i < 4 ? unavailable() : undefined);
    const writer = open();
    await writer.write("a");
    await writer.write("b");
    await writer.write("c");
    const ending = writer.end("done");
    await tick(2_000);
    await ending;
    const sent = log.appends.map(({ at: _at, settle: _settle, ...append }) => append);
    expect(sent.slice(1, 5)).toEqual(Array(4).fill(sent[0]));
    expect(sent[0]).toMatchObject({ chunks: ["a"], writer: "w", end: undefined });
    expect(sent.slice(5)).toMatchObject([{ chunks: ["b", "c"], end: "done" }]);
    expect(sent[5]?.op).not.toBe(sent[0]?.op);
    expect(refusals).toEqual([]);
  });

  test("is asked less and less often", async () => {
    log.answer = () => unavailable();
    await open().write("a");
    await tick(6_000);
    const times = log.appends.map(({ at }) => at);
    const pauses = times.slice(1).map((at, i) => Math.round(at - (times[i] ?? 0)));
    expect(pauses.slice(0, 7)).toEqual([50, 100, 200, 400, 800, 1_000, 1_000]);
  });

  test("is given up once the lease must have lapsed: loudly, once, and for good", async () => {
    log.answer = () => unavailable();
    const writer = open();
    const start = performance.now();
    await writer.write("a");
    await tick(LEASE_MS - 100);
    expect(refusals).toEqual([]);
    await tick(1_200);
    expect(refusals).toEqual([coded("UNAVAILABLE")]);
    expect(vi.getTimerCount()).toBe(0);
    const { length } = log.appends;
    expect((log.appends.at(-1)?.at ?? 0) - start).toBeGreaterThan(LEASE_MS);
    await expect(writer.write("b")).rejects.toBe(refusals[0]);
    await expect(writer.end("done")).rejects.toBe(refusals[0]);
    await tick(LEASE_MS);
    expect(log.appends).toHaveLength(length);
    expect(refusals).toHaveLength(1);
  });

  test("counts its time from what it last took", async () => {
    const writer = open();
    await writer.write("a");
    await tick(4_000);
    await writer.write("b");
    log.answer = () => unavailable();
    await tick(10);
    await writer.write("c");
    await tick(LEASE_MS - 200);
    expect(refusals).toEqual([]);
    log.answer = () => undefined;
    const ending = writer.end("done");
    await tick(1_000);
    await ending;
    expect(log.appends.at(-1)).toMatchObject({ end: "done" });
  });

  test("a write that waits for room, and an end, hear of it", async () => {
    log.answer = () => unavailable();
    const writer = open();
    const writing = (async () => {
      for (;;) await writer.write("x".repeat(300_000));
    })();
    const heard = expect(writing).rejects.toEqual(coded("UNAVAILABLE"));
    await tick(LEASE_MS + 1_100);
    await heard;

    const other = open();
    const ending = expect(other.end("done")).rejects.toEqual(coded("UNAVAILABLE"));
    await tick(LEASE_MS + 1_100);
    await ending;
  });
});

describe.each<[string, unknown]>([
  ["NOT_ACTIVE", new StreamError("NOT_ACTIVE", "stopped", { state: "stopped" })],
  ["FENCED", new StreamError("FENCED", "another's")],
  ["NOT_FOUND", new StreamError("NOT_FOUND", "deleted")],
  ["LIMIT", new StreamError("LIMIT", "too much")],
  ["INVALID_CHUNK", new StreamError("INVALID_CHUNK", "no text")],
  ["an error of another kind", new TypeError("a bug in the store")],
])("refused with %s", (_, refusal) => {
  test("an append is not repeated: the refusal is told once, to everyone", async () => {
    log.answer = (_, i) => (i === 0 ? undefined : (refusal as Error));
    const writer = open();
    await writer.write("a");
    await tick(1);
    await writer.write("b");
    await tick();
    expect(refusals).toEqual([refusal]);
    await expect(writer.write("c")).rejects.toBe(refusal);
    await expect(writer.end("done")).rejects.toBe(refusal);
    await tick(60_000);
    expect(log.appends).toHaveLength(2);
    expect(refusals).toHaveLength(1);
  });

  test("a heartbeat tells it too", async () => {
    const writer = open();
    log.answer = () => refusal as Error;
    await tick(LEASE_MS / 3);
    expect(refusals).toEqual([refusal]);
    await expect(writer.write("c")).rejects.toBe(refusal);
  });

  test("an end rejects with it", async () => {
    log.answer = () => refusal as Error;
    await expect(open().end("done")).rejects.toBe(refusal);
    expect(refusals).toEqual([refusal]);
  });
});

describe("heartbeats", () => {
  test("come while nothing is written: empty, several in a lease", async () => {
    open();
    await tick(LEASE_MS * 4);
    expect(log.appends.length).toBeGreaterThanOrEqual(8);
    expect(log.appends.length).toBeLessThanOrEqual(12);
    expect(log.chunks).toEqual([]);
    expect(log.appends.every(({ writer, end }) => writer === "w" && end === undefined)).toBe(true);
    const times = [0, ...log.appends.map(({ at }) => at)];
    const gaps = times.slice(1).map((at, i) => at - (times[i] ?? 0));
    expect(Math.max(...gaps.slice(1))).toBeLessThanOrEqual(LEASE_MS / 2);
  });

  test("do not come while chunks renew the lease, and never later than half of it", async () => {
    const writer = open();
    for (let i = 0; i < 60; i++) {
      await writer.write("x");
      await tick(1_000);
    }
    expect(log.appends).toHaveLength(60);
    await tick(LEASE_MS / 2);
    expect(log.appends.length).toBeGreaterThan(60);
  });

  test("do not overlap an append, and do not pile up behind it", async () => {
    log.answer = (_, i) => (i === 0 ? "later" : undefined);
    const writer = open();
    await writer.write("a");
    await tick(LEASE_MS * 3);
    expect(log.appends).toHaveLength(1);
    log.appends[0]?.settle();
    await tick();
    // The one that had come due.
    expect(log.appends.map(({ chunks }) => chunks)).toEqual([["a"], []]);
    expect(log.mostPending).toBe(1);
  });

  test("go with chunks that are there anyway", async () => {
    log.answer = (_, i) => (i === 0 ? "later" : undefined);
    const writer = open();
    await writer.write("a");
    await tick(LEASE_MS);
    await writer.write("b");
    log.appends[0]?.settle();
    await tick();
    expect(log.appends.map(({ chunks }) => chunks)).toEqual([["a"], ["b"]]);
  });

  test.each([1, 2, 10])("fit a lease of %i ms", async (leaseMs) => {
    open(leaseMs);
    await tick(100);
    expect(log.appends.length).toBeGreaterThan(1);
  });

  test("of a lease of a year or thirty do not come all the time", async () => {
    const set = vi.spyOn(globalThis, "setTimeout");
    open(31_536_000_000);
    open(1e12);
    // What is longer, setTimeout takes for 1 ms.
    for (const [, ms] of set.mock.calls) expect(ms).toBeLessThan(2 ** 31);
    expect(set).toHaveBeenCalledTimes(2);
    set.mockRestore();
  });

  test("keep no process alive", () => {
    vi.useRealTimers();
    const set = vi.spyOn(globalThis, "setTimeout");
    const writer = open();
    expect(keepsAlive(set.mock.results[0]?.value)).toBe(false);
    writer.close();
    set.mockRestore();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  });
});

describe("end", () => {
  test("goes with the last chunks, and only with them", async () => {
    log.answer = (_, i) => (i === 0 ? "later" : undefined);
    const writer = open();
    for (let i = 0; i < 3_000; i++) await writer.write("x");
    const ending = writer.end({ error: "why" });
    log.appends[0]?.settle();
    await ending;
    expect(log.appends.map(({ chunks, end }) => [chunks.length, end])).toEqual([
      [1, undefined],
      [2_000, undefined],
      [999, { error: "why" }],
    ]);
  });

  test("ends a stream without chunks", async () => {
    await open().end("done");
    expect(log.appends).toMatchObject([{ chunks: [], end: "done" }]);
  });

  test("stops the heartbeat; nothing can follow", async () => {
    const writer = open();
    await writer.end("done");
    expect(vi.getTimerCount()).toBe(0);
    await expect(writer.write("a")).rejects.toEqual(coded("NOT_ACTIVE"));
    await expect(writer.end("done")).rejects.toEqual(coded("NOT_ACTIVE"));
    writer.close();
    expect(log.appends).toHaveLength(1);
    expect(refusals).toEqual([]);
  });
});

describe("close", () => {
  test("drops what is not stored, tells who waits, and leaves no timer", async () => {
    log.answer = () => "later";
    const writer = open();
    await writer.write("a");
    await writer.write("b");
    const ending = expect(writer.end("done")).rejects.toEqual(coded("NOT_ACTIVE"));
    writer.close();
    expect(vi.getTimerCount()).toBe(0);
    log.appends[0]?.settle();
    await ending;
    await tick(60_000);
    expect(log.chunks).toEqual(["a"]);
    expect(refusals).toEqual([]);
  });

  test("ends the repeating of an append: nothing is sent afterwards, no timer is left", async () => {
    log.answer = () => unavailable();
    const writer = open();
    await writer.write("a");
    await tick(200);
    const { length } = log.appends;
    writer.close();
    await tick();
    expect(vi.getTimerCount()).toBe(0);
    await tick(5_000);
    expect(log.appends).toHaveLength(length);
    expect(refusals).toEqual([]);
  });

  test("during an append that then fails tells nobody", async () => {
    log.answer = () => "later";
    const writer = open();
    await writer.write("a");
    writer.close();
    log.appends[0]?.settle(new StreamError("NOT_ACTIVE", "stopped"));
    await tick(5_000);
    expect(refusals).toEqual([]);
    expect(log.appends).toHaveLength(1);
  });
});
