import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createDurableStream, StreamError } from "../src/index.ts";
import type { StreamErrorCode } from "../src/index.ts";
import { FaultyStore } from "./support/faulty-store.ts";
import type { Fault } from "./support/faulty-store.ts";
import { saying, Script } from "./support/sources.ts";
import { noUnhandledRejections } from "./support/unhandled.ts";

// Time is the tests' own: the stores', the engine's and the clock.
noUnhandledRejections();
beforeEach(() => {
  vi.useFakeTimers({
    toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"],
  });
});
afterEach(() => void vi.useRealTimers());

const pass = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const refused = (code: StreamErrorCode): StreamError => new StreamError(code, `it is ${code}`);

async function start(store: FaultyStore, source: Script | (() => AsyncIterable<string>)) {
  const started = await createDurableStream({
    store,
    id: "s",
    source: source instanceof Script ? source.source : source,
  });
  const { finished } = started;
  let outcome: unknown = "pending";
  finished.then(
    (status) => (outcome = status),
    (error: unknown) => (outcome = StreamError.is(error) ? error.code : error),
  );
  return { ...started, outcome: () => outcome };
}

/** Nothing of a generation is left, once its stream has been deleted. */
async function nothingLeft(store: FaultyStore): Promise<void> {
  const { appends } = store;
  await store.delete("s");
  await pass();
  expect(vi.getTimerCount(), "timers left").toBe(0);
  await pass(60_000);
  expect(store.appends, "appends afterwards").toBe(appends);
}

describe("a store that is away for a while", () => {
  test.each<[string, Fault]>([
    ["before it takes what it is given", "down"],
    ["after it took it: the answer gets lost", "answer lost"],
  ])("%s, loses nothing and repeats nothing", async (_, fault) => {
    const store = new FaultyStore();
    const script = new Script();
    const { outcome } = await start(store, script);
    script.say("a", "b");
    await pass(10);
    store.onAppend = () => fault;
    script.say("c");
    await pass(1_000);
    script.say("d", "e");
    await pass(5_000);
    store.onAppend = () => undefined;
    script.say("f");
    await pass(1_000);
    script.end();
    await pass(10);
    expect(outcome()).toMatchObject({ state: "done" });
    expect(store.textOf("s")).toBe("abcdef");
    expect(script.aborted).toBe(false);
    await nothingLeft(store);
  });

  test("from the first append on, or at the end only", async () => {
    for (const away of [1, 3]) {
      const store = new FaultyStore();
      store.onAppend = () =>
        store.appends >= away && store.appends < away + 4 ? "down" : undefined;
      const { outcome } = await start(store, saying("a", "b"));
      await pass(3_000);
      expect(outcome()).toEqual({ state: "done", totalChunks: 2 });
      expect(store.textOf("s")).toBe("ab");
      await nothingLeft(store);
    }
  });

  test("whenever it is, for reading or writing, and whatever the source's pace", async () => {
    const anyFault = fc.constantFrom<Fault[]>(undefined, undefined, "down", "answer lost");
    const anyFaults = fc.array(anyFault, { maxLength: 12 });
    const anyPauses = fc.array(fc.constantFrom(0, 0, 0, 1, 20, 300), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(anyPauses, anyFaults, anyFaults, async (pauses, writing, reading) => {
        const store = new FaultyStore();
        store.onAppend = async () => {
          await new Promise((resolve) => setTimeout(resolve, 3));
          return writing.shift();
        };
        store.onRead = () => (reading.shift() === undefined ? undefined : "down");
        const { outcome } = await start(store, async function* () {
          for (const [i, ms] of pauses.entries()) {
            if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
            yield `${i} `;
          }
        });
        await pass(14_000);
        expect(outcome()).toEqual({ state: "done", totalChunks: pauses.length });
        expect(store.textOf("s")).toBe(pauses.map((_, i) => `${i} `).join(""));
        expect(store.mostAppending).toBe(1);
        await nothingLeft(store);
      }),
      { numRuns: 40 },
    );
  });
});

describe("a store that stays away", () => {
  test("fails the generation once its lease must have lapsed, and aborts the source", async () => {
    const store = new FaultyStore();
    const script = new Script();
    const { outcome } = await start(store, script);
    script.say("a");
    await pass(10);
    store.onAppend = () => "down";
    store.onRead = () => "down";
    script.say("b");
    await pass(14_000);
    expect([outcome(), script.aborted]).toEqual(["pending", false]);
    await pass(2_500);
    expect([outcome(), script.aborted]).toEqual(["UNAVAILABLE", true]);
    await nothingLeft(store);
  });

  test("is noticed by heartbeats too, while the source is silent", async () => {
    const store = new FaultyStore();
    const script = new Script();
    const { outcome } = await start(store, script);
    await pass(20_000);
    store.onAppend = () => "down";
    store.onRead = () => "down";
    await pass(23_000);
    expect([outcome(), script.aborted]).toEqual(["UNAVAILABLE", true]);
    store.onRead = () => undefined;
    expect(await store.getStatus("s")).toMatchObject({ state: "error", error: "producer lost" });
    await nothingLeft(store);
  });

  test("for writing only, lets the producer read that it counts as lost", async () => {
    const store = new FaultyStore();
    const script = new Script();
    const { outcome } = await start(store, script);
    store.onAppend = () => "down";
    await pass(16_500);
    expect(outcome()).toEqual({ state: "error", error: "producer lost", totalChunks: 0 });
    expect(script.aborted).toBe(true);
    await nothingLeft(store);
  });

  test("for reading, after it has taken the end, is not waited for for ever", async () => {
    const store = new FaultyStore();
    const script = new Script();
    const { outcome } = await start(store, script);
    await pass(10);
    script.say("a");
    await pass(10);
    // The watch has to begin anew, and cannot.
    store.onRead = () => "down";
    script.say("b");
    script.end();
    await pass(25_000);
    expect(outcome()).toBe("pending");
    await pass(10_000);
    expect(outcome()).toBe("UNAVAILABLE");
    expect(store.textOf("s")).toBe("ab");
    store.onRead = () => undefined;
    await nothingLeft(store);
  });
});

describe("a stream that is no longer this producer's", () => {
  test.each([
    ["deleted while the source is silent", false],
    ["deleted while the source speaks", true],
  ])("%s", async (_, speaks) => {
    const store = new FaultyStore();
    const script = new Script();
    const { outcome } = await start(store, script);
    script.say("a");
    await pass(10);
    await store.delete("s");
    if (speaks) script.say("b");
    await pass(10);
    expect(outcome()).toMatch(/^(EXPIRED|NOT_FOUND)$/);
    expect(script.aborted).toBe(true);
    expect(await store.getStatus("s")).toBeNull();
    await nothingLeft(store);
  });

  test("deleted and created again by another, gets nothing of ours", async () => {
    const store = new FaultyStore();
    const script = new Script();
    const { outcome } = await start(store, script);
    script.say("a");
    await pass(10);
    await store.delete("s");
    await store.create("s", { writer: "another" });
    script.say("b");
    await pass(10);
    expect(outcome()).toMatch(/^(EXPIRED|FENCED)$/);
    expect(script.aborted).toBe(true);
    expect(await store.getStatus("s")).toEqual({ state: "active", totalChunks: 0 });
    await nothingLeft(store);
  });

  test.each(["FENCED", "NOT_FOUND"] as const)(
    "%s, as an append or a heartbeat tells",
    async (code) => {
      for (const speaks of [true, false]) {
        const store = new FaultyStore();
        const script = new Script();
        const { outcome } = await start(store, script);
        await pass(10);
        store.onAppend = () => refused(code);
        if (speaks) script.say("a");
        await pass(speaks ? 10 : 6_000);
        expect([outcome(), script.aborted]).toEqual([code, true]);
        expect(store.appends).toBe(1);
        await nothingLeft(store);
      }
    },
  );

  test("because its lease has lapsed, ends as lost, and says so", async () => {
    const store = new FaultyStore();
    const script = new Script();
    const { outcome } = await start(store, script);
    // A store that has taken the append, and does not answer.
    store.onAppend = () => new Promise<Fault>((resolve) => setTimeout(resolve, 20_000));
    script.say("a");
    await pass(16_000);
    expect(script.aborted).toBe(true);
    await pass(10_000);
    expect(outcome()).toEqual({ state: "error", error: "producer lost", totalChunks: 0 });
    await nothingLeft(store);
  });
});

describe("a stream that is full", () => {
  test("ends as an error that says why, and aborts the source", async () => {
    const store = new FaultyStore({ maxChunks: 3 });
    const script = new Script();
    const { outcome, response } = await start(store, script);
    script.say("a", "b", "c", "d", "e");
    await pass(10);
    expect(outcome()).toMatchObject({
      state: "error",
      error: expect.stringContaining("maxChunks"),
    });
    expect(script.aborted).toBe(true);
    expect(await store.getStatus("s")).toEqual(outcome());
    expect(await response.text()).toMatch(/event: error\ndata: .*maxChunks.*\n\nevent: done/);
    await nothingLeft(store);
  });

  test("because of one chunk, also when the source has ended in the meantime", async () => {
    const store = new FaultyStore({ maxChunkBytes: 10 });
    const { outcome } = await start(store, saying("a", "x".repeat(20)));
    await pass(10);
    expect(outcome()).toMatchObject({
      state: "error",
      error: expect.stringContaining("maxChunkBytes"),
    });
    await nothingLeft(store);
  });

  test("and stopped before that could be recorded, is stopped", async () => {
    const store = new FaultyStore({ maxChunks: 1 });
    store.onAppend = async (chunks, { end }) => {
      if (end !== undefined && chunks.length === 0) await store.stop("s");
      return undefined;
    };
    const script = new Script();
    const { outcome } = await start(store, script);
    script.say("a", "b");
    await pass(10);
    expect(outcome()).toEqual({ state: "stopped", totalChunks: 1 });
    await nothingLeft(store);
  });

  test("in a store that goes away before that could be recorded, is unavailable", async () => {
    const store = new FaultyStore({ maxChunks: 1 });
    store.onAppend = (_, { end }) => (end === undefined ? undefined : "down");
    const script = new Script();
    const { outcome } = await start(store, script);
    script.say("a", "b");
    await pass(10);
    expect([outcome(), script.aborted]).toEqual(["UNAVAILABLE", true]);
    await nothingLeft(store);
  });
});

describe("chunks that are lost", () => {
  test("end the stream as an error, as soon as the store says so", async () => {
    const store = new FaultyStore();
    const script = new Script();
    const { outcome } = await start(store, script);
    script.say("a", "b", "c");
    await pass(10);
    store.onAppend = (chunks) =>
      chunks.length > 0 ? new StreamError("LOST", "chunks of the stream s are gone") : undefined;
    script.say("d");
    await pass(1_000);
    expect(script.aborted).toBe(true);
    const error = "chunks of the stream s are gone";
    expect(outcome()).toEqual({ state: "error", error, totalChunks: 3 });
    await nothingLeft(store);
  });
});

test("`finished` need not be awaited, however it ends", async () => {
  const store = new FaultyStore();
  const script = new Script();
  await createDurableStream({ store, id: "s", source: script.source });
  await store.delete("s");
  await pass(10);
  expect(script.aborted).toBe(true);
  // That nothing is unhandled is looked at after each test.
});

test("a bug in the store is an error of the stream, if it can be recorded, and loud if not", async () => {
  const bug = new TypeError("a bug");
  const store = new FaultyStore();
  store.onAppend = (chunks) => (chunks.length > 0 ? bug : undefined);
  const script = new Script();
  const recorded = await start(store, script);
  script.say("a");
  await pass(10);
  expect(recorded.outcome()).toMatchObject({ state: "error", error: "a bug" });
  expect(script.aborted).toBe(true);
  await nothingLeft(store);

  const worse = new FaultyStore();
  worse.onAppend = () => bug;
  const { outcome } = await start(worse, saying("a"));
  await pass(10);
  expect(outcome()).toBe(bug);
  await nothingLeft(worse);
});

test("a quiet source keeps its lease by heartbeats, an hour long", async () => {
  const store = new FaultyStore();
  const script = new Script();
  const { outcome } = await start(store, script);
  script.say("a");
  await pass(3_600_000);
  expect(await store.getStatus("s")).toEqual({ state: "active", totalChunks: 1 });
  expect(store.appends).toBeLessThan(1_000);
  script.end();
  await pass(10);
  expect(outcome()).toEqual({ state: "done", totalChunks: 1 });
  await nothingLeft(store);
});
