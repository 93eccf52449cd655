import { describe, expect, it } from "vitest";
import type { TestContext } from "vitest";
import { until } from "../../redis-stream-store/test/support-clients.ts";
import { pipeRun } from "../src/index.ts";
import type { PipedRun, PipeRunOptions, RunSource } from "../src/index.ts";
import { Source } from "./support-source.ts";
import type { SourceOptions } from "./support-source.ts";
import { asEntries, chunksOf, DONE, setUpWriting, sse } from "./support-writing.ts";

async function setUp(test: TestContext) {
  const on = await setUpWriting(test);
  const pipe = (source: RunSource, options: Partial<PipeRunOptions> = {}): Promise<PipedRun> =>
    pipeRun({
      ...{ redis: on.client, prefix: on.prefix, runId: "r", flushIntervalMs: 5, source },
      ...options,
    });
  return { on, pipe };
}

const CLOSINGS: (SourceOptions["closing"] | "resolves")[] = [
  "resolves",
  "hangs",
  "throws",
  "rejects",
];

describe.concurrent.each(CLOSINGS)(
  "a source whose return() %s is asked to finish, once",
  (closing) => {
    const options: SourceOptions = closing === "resolves" ? {} : { closing };

    it("when its run cannot begin", { timeout: 10_000 }, async (test) => {
      const { on, pipe } = await setUp(test);
      await on.onlooker.create("taken", { writer: "w" });
      const refusals: [Partial<PipeRunOptions>, string][] = [
        [{ runId: "taken" }, "ALREADY_EXISTS"],
        [{ runId: "no good" }, "INVALID_ID"],
        [{ runId: 7 as unknown as string }, "INVALID_ID"],
        [{ leaseMs: 0 }, "INVALID_OPTION"],
        [{ flushSize: 1.5 }, "INVALID_OPTION"],
        [{ flushIntervalMs: -1 }, "INVALID_OPTION"],
        [{ maxLength: Number.NaN }, "INVALID_OPTION"],
        [{ maxChunkBytes: 0 }, "INVALID_OPTION"],
        [{ ttlSec: 0 }, "INVALID_OPTION"],
        [{ prefix: "a{b}" }, "INVALID_OPTION"],
        [{ redis: {} as never }, "UNSUPPORTED"],
        [{ signal: {} as never }, "INVALID_OPTION"],
      ];
      for (const [more, code] of refusals) {
        const source = new Source([sse("a")], options);
        await expect(pipe(source, more), JSON.stringify(more)).rejects.toMatchObject({ code });
        expect(source.closed, code).toBe(1);
        expect(source.taken).toBe(0);
      }
      expect(await on.raw.text("KEYS", `*${on.prefix}*`)).toBe(`{${on.prefix}:taken}:meta`);
    });

    it("when Redis is away", { timeout: 10_000 }, async (test) => {
      const { on, pipe } = await setUp(test);
      on.endpoint.proxy.blackhole(true);
      const source = new Source([sse("a")], options);
      const piping = pipe(source, { timeoutMs: 100, retryForMs: 200 });
      await expect(piping).rejects.toMatchObject({ code: "UNAVAILABLE" });
      expect(source.closed).toBe(1);
    });

    it.for(["a marker", "a stop, while it is silent", "a signal, while it is silent"])(
      "at %s",
      async (end, test) => {
        const { on, pipe } = await setUp(test);
        const abort = new AbortController();
        const chunks = end === "a marker" ? [sse("a"), DONE] : [sse("a")];
        const source = new Source(chunks, { ...options, thenSilent: true });
        const { finished } = await pipe(source.from, { signal: abort.signal });
        expect(source.signal?.aborted).toBe(false);
        await until(async () => (await on.entries("r")).length > 0);
        if (end.startsWith("a stop")) await on.onlooker.stop("r");
        if (end.startsWith("a signal")) abort.abort();
        const state = end === "a marker" ? "done" : "stopped";
        expect(await finished).toEqual({ state, totalChunks: 2 });
        expect(source.closed).toBe(1);
        expect(source.opened).toBe(1);
        expect(source.signal?.aborted).toBe(true);
        expect(await on.entries("r")).toEqual(asEntries([sse("a"), DONE], { complete: true }));
      },
    );
  },
);

describe.concurrent("a source", () => {
  it("that is a function is not called when its run cannot begin", async (test) => {
    const { on, pipe } = await setUp(test);
    await on.onlooker.create("r");
    const source = new Source([]);
    await expect(pipe(source.from)).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
    expect(source.signal).toBeUndefined();
  });

  it("that is a function which throws ends the run as an error", async (test) => {
    const { on, pipe } = await setUp(test);
    const { finished } = await pipe(() => {
      throw new Error("no model");
    });
    expect(await finished).toEqual({ state: "error", error: "no model", totalChunks: 1 });
    expect(await on.entries("r")).toHaveLength(1);
  });

  it("that ended by itself is not asked to", async (test) => {
    const { pipe } = await setUp(test);
    for (const [runId, options] of [
      ["a", {}],
      ["b", { throws: new Error("x") }],
    ] as const) {
      const source = new Source([sse("a")], options);
      await (
        await pipe(source, { runId })
      ).finished;
      expect(source.opened).toBe(1);
    }
  });

  it.for([[1], [null], [undefined], [{ event: "note", data: "x" }], [Buffer.from("x")], [["x"]]])(
    "that yields %j, which is no string, ends as an error, and is closed",
    async ([item], test) => {
      const { on, pipe } = await setUp(test);
      const source = new Source([sse("a"), item, sse("never")]);
      const { finished } = await pipe(source);
      expect(await finished).toMatchObject({
        state: "error",
        error: expect.any(String),
      });
      const entries = await on.entries("r");
      expect(entries).toHaveLength(2);
      expect(entries.at(0)?.data).toBe(sse("a"));
      expect(source.closed).toBe(1);
    },
  );

  it.for([sse("x".repeat(2_000)), `event: error\ndata: ${"x".repeat(2_000)}\n\n`])(
    "whose chunk is over maxChunkBytes ends as an error, without that chunk",
    async (huge, test) => {
      const { on, pipe } = await setUp(test);
      const source = new Source([sse("a"), huge, sse("never")]);
      const { finished } = await pipe(source, { maxChunkBytes: 1_000 });
      expect(await finished).toMatchObject({
        state: "error",
        error: expect.stringContaining("maxChunkBytes"),
      });
      const entries = await on.entries("r");
      expect(entries).toHaveLength(2);
      expect(entries.at(1)?.data).toMatch(/^event: error\n/);
      expect(entries.at(1)?.data.length).toBeLessThan(1_000);
      expect(source.closed).toBe(1);
    },
  );

  it("whose chunks are as large as they may be is stored whole", async (test) => {
    const { on, pipe } = await setUp(test);
    const chunks = [1, 2, 3].map((n) => sse(`${n}${"é".repeat(500_000)}`));
    const { finished } = await pipe(new Source([...chunks, DONE]));
    expect(await finished).toMatchObject({ state: "done" });
    expect(await on.entries("r")).toEqual(asEntries([...chunks, DONE], { complete: true }));
  });

  it("that cuts a surrogate pair in two is put together, and its lone halves are U+FFFD", async (test) => {
    const { on, pipe } = await setUp(test);
    const source = new Source(["data: \ud83d", "\ude00\n\n", "data: \ude00\n\n", "data: \ud83d"]);
    const { finished } = await pipe(source);
    await finished;
    const data = (await on.entries("r")).map((entry) => entry.data).slice(0, -2);
    expect(data).toEqual(["data: ", "😀\n\n", "data: \ufffd\n\n", "data: ", "\ufffd"]);
  });

  it("of thousands of chunks: each once, in order", async (test) => {
    const { on, pipe } = await setUp(test);
    const chunks = chunksOf(8_000);
    const { finished } = await pipe(new Source([...chunks, DONE]), { maxLength: 0 });
    expect(await finished).toEqual({ state: "done", totalChunks: 8_001 });
    expect(await on.entries("r")).toEqual(asEntries([...chunks, DONE], { complete: true }));
  });

  it("of a log that is trimmed ends like any other, however much comes at once", async (test) => {
    const { on, pipe } = await setUp(test);
    const chunks = chunksOf(6_000);
    const { finished } = await pipe(new Source([...chunks, DONE]), { maxLength: 100 });
    expect(await finished).toEqual({ state: "done", totalChunks: 6_001 });
    const kept = await on.entries("r");
    expect(kept.length).toBeGreaterThanOrEqual(100);
    expect(kept.length).toBeLessThan(600);
    expect(kept).toEqual(asEntries([...chunks, DONE], { complete: true }).slice(-kept.length));
  });

  it("of many that race for a run: one is stored, the others are closed unread", async (test) => {
    const { on, pipe } = await setUp(test);
    const sources = Array.from({ length: 20 }, (_, i) => new Source([sse(`from ${i}`), DONE]));
    const outcomes = await Promise.allSettled(sources.map((source) => pipe(source)));
    const winners = outcomes.flatMap((outcome, i) => (outcome.status === "fulfilled" ? [i] : []));
    expect(winners).toHaveLength(1);
    const codes = outcomes.map((outcome) => outcome.status === "rejected" && outcome.reason.code);
    expect(codes.filter((code) => code === "ALREADY_EXISTS")).toHaveLength(19);
    const [winner] = winners;
    const [won] = outcomes.flatMap((outcome) =>
      outcome.status === "fulfilled" ? outcome.value : [],
    );
    await won?.finished;
    const losers = sources.filter((_, i) => i !== winner);
    expect(losers.map(({ closed, taken }) => [closed, taken])).toEqual(losers.map(() => [1, 0]));
    expect(await on.entries("r")).toEqual(
      asEntries([sse(`from ${winner}`), DONE], { complete: true }),
    );
  });
});

it("waitUntil gets what `finished` is", async (test) => {
  const { pipe } = await setUp(test);
  let waited: Promise<unknown> | undefined;
  const { finished } = await pipe(new Source([DONE]), {
    waitUntil: (promise) => void (waited = promise),
  });
  expect(await waited).toEqual(await finished);
});
