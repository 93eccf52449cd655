import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { TestContext } from "vitest";
import { until } from "../../redis-stream-store/test/support-clients.ts";
import { pipeRun, readRunLog } from "../src/index.ts";
import type { PipedRun, PipeRunOptions } from "../src/index.ts";
import { asEntries, chunksOf, DONE, setUpWriting, sse } from "./support-writing.ts";
import type { Writing } from "./support-writing.ts";
import { Source } from "./support-source.ts";

const STOP_REASON = sse('{"message_type":"stop_reason","stop_reason":"end_turn"}');

async function setUp(test: TestContext) {
  const on = await setUpWriting(test);
  const pipe = (options: Pick<PipeRunOptions, "source"> & Partial<PipeRunOptions>) =>
    pipeRun({ redis: on.client, prefix: on.prefix, runId: "r", flushIntervalMs: 5, ...options });
  return { on, pipe };
}

/** Pipes, and sees that the log holds exactly `log`. */
async function expectLog(
  test: TestContext,
  source: Source,
  log: string[],
  more: {
    options?: Partial<PipeRunOptions>;
    during?: (run: PipedRun, on: Writing) => unknown;
  } = {},
) {
  const { on, pipe } = await setUp(test);
  const run = await pipe({ source, ...more.options });
  await more.during?.(run, on);
  const end = await run.finished;
  expect(await on.entries("r")).toEqual(asEntries(log, { complete: true }));
  expect(end.totalChunks).toBe(log.length);
  // Readers get the same, and the same end.
  const reader = readRunLog(on.client, "r", { prefix: on.prefix });
  const seen: string[] = [];
  let next = await reader.next();
  for (; next.done !== true; next = await reader.next()) seen.push(next.value.data);
  expect(seen).toEqual(log);
  expect(next.value).toEqual(end);
  return end;
}

describe.concurrent("a source ends", () => {
  it.for([DONE, "data: [DONE]", "data:[DONE]\r\n\r\n", ": bye\nid: 7\ndata: [DONE]\n\n"])(
    "by the done marker %j: it is stored as it is, and nothing behind it",
    async (marker, test) => {
      const source = new Source([sse("a"), marker, sse("never")]);
      expect(await expectLog(test, source, [sse("a"), marker])).toMatchObject({ state: "done" });
      expect(source.closed).toBe(1);
      expect(source.taken).toBe(2);
    },
  );

  it.for([
    ['event: error\ndata: {"error":{"message":"boom"}}\n\n', "boom"],
    ['event: error\ndata: {"error":"boom"}\n\n', "boom"],
    ['event:error\r\ndata: {"message":"boom"}\r\n\r\n', "boom"],
    ["event: error\ndata: no json\n\n", "no json"],
    ["data: first\n\nevent: error\ndata: second\n\n", "second"],
    ["event: error\n\n", ""],
  ] as const)("by the error marker %j", async ([marker, error], test) => {
    const source = new Source([sse("a"), marker, sse("never")]);
    const end = await expectLog(test, source, [sse("a"), marker]);
    expect(end).toEqual({ state: "error", error, totalChunks: 2 });
    expect(source.closed).toBe(1);
  });

  it("not by a marker that is user text", async (test) => {
    const lookalikes = [
      sse('{"content":"data: [DONE]\\n\\nevent: error\\n"}'),
      sse("so it says data: [DONE]"),
      sse("\u2028data: [DONE]"),
      sse("a\u2028event: error\u2028"),
      sse("\u2028[DONE]"),
      "data: before\ndata: data: [DONE]\ndata: after\n\n",
      "data: before\ndata: [DONE]\ndata: after\n\n",
      "event: errors\ndata: {}\n\n",
      "event: Error\ndata: {}\n\n",
      "event: note\ndata: [DONE]\n\n",
      ": event: error\ndata: x\n\n",
      "xevent: error\ndata: x\n\n",
      sse("[DONE]."),
      sse("[done]"),
      "data:  [DONE]\n\n",
      "",
    ];
    const source = new Source([...lookalikes, DONE]);
    const end = await expectLog(test, source, [...lookalikes, DONE]);
    expect(end).toMatchObject({ state: "done" });
  });

  it("by an error of its own: its text is the last entry", async (test) => {
    const source = new Source([sse("a")], { throws: new Error('no "model"\n\u2028') });
    const error = 'event: error\ndata: {"error":{"message":"no \\"model\\"\\n\u2028"}}\n\n';
    const end = await expectLog(test, source, [sse("a"), error]);
    expect(end).toEqual({ state: "error", error: 'no "model"\n\u2028', totalChunks: 2 });
  });

  it("without a word: an error, and [DONE]", async (test) => {
    const message = "the source ended without a stop reason";
    const error = `event: error\ndata: {"error_type":"stream_incomplete","error":{"message":"${message}"}}\n\n`;
    const end = await expectLog(test, new Source([sse("a")]), [sse("a"), error, DONE]);
    expect(end).toEqual({ state: "error", error: message, totalChunks: 3 });
  });

  it("without a single chunk: an error, and [DONE]", async (test) => {
    const { on, pipe } = await setUp(test);
    const { finished } = await pipe({ source: new Source([]) });
    expect(await finished).toMatchObject({ state: "error", totalChunks: 2 });
    const entries = await on.entries("r");
    expect(entries.map(({ complete }) => complete)).toEqual([undefined, "true"]);
    expect(entries.map(({ data }) => data.split("\n")[0])).toEqual([
      "event: error",
      "data: [DONE]",
    ]);
  });

  it("after a stop reason: [DONE]", async (test) => {
    const chunks = [sse("a"), STOP_REASON, sse('{"message_type":"usage_statistics"}')];
    const end = await expectLog(test, new Source(chunks), [...chunks, DONE]);
    expect(end).toEqual({ state: "done", totalChunks: 4 });
  });

  it("after the words stop_reason in user text: an error", async (test) => {
    const chunks = [
      sse('{"message_type":"assistant_message","content":"\\"stop_reason\\""}'),
      sse('{"message_type":"stop_reason","stop_reason":null}'),
    ];
    const { pipe } = await setUp(test);
    const { finished } = await pipe({ source: new Source(chunks) });
    expect(await finished).toMatchObject({ state: "error", totalChunks: 4 });
  });

  it("while it is silent, by stop of a store in another process, within a second", async (test) => {
    const source = new Source([sse("a")], { thenSilent: true });
    let stoppedAt = Infinity;
    const end = await expectLog(test, source, [sse("a"), DONE], {
      during: async (_, on) => {
        await until(async () => (await on.entries("r")).length === 1);
        stoppedAt = performance.now();
        await on.onlooker.stop("r");
      },
    });
    expect(performance.now() - stoppedAt).toBeLessThan(2_000);
    expect(end).toEqual({ state: "stopped", totalChunks: 2 });
    expect(source.closed).toBe(1);
  });

  it("while it is silent, by its run's own stop()", async (test) => {
    const source = new Source([], { thenSilent: true });
    const end = await expectLog(test, source, [DONE], { during: (run) => run.stop() });
    expect(end).toEqual({ state: "stopped", totalChunks: 1 });
    expect(source.closed).toBe(1);
  });

  it("while it is silent, by `signal`: what it gave before is stored", async (test) => {
    const source = new Source(chunksOf(3), { thenSilent: true });
    const abort = new AbortController();
    const log = [...chunksOf(3), DONE];
    const end = await expectLog(test, source, log, {
      options: { signal: abort.signal, flushIntervalMs: 60_000 },
      during: async () => {
        await until(() => source.taken === 3);
        await sleep(10);
        abort.abort();
      },
    });
    expect(end).toEqual({ state: "stopped", totalChunks: 4 });
    expect(source.closed).toBe(1);
  });

  it("before it began, by a `signal` that has aborted", async (test) => {
    const source = new Source([sse("a")]);
    const options = { signal: AbortSignal.abort() };
    const end = await expectLog(test, source, [DONE], { options });
    expect(end).toEqual({ state: "stopped", totalChunks: 1 });
    expect(source.taken).toBe(0);
    expect(source.closed).toBe(1);
  });

  it("because it was deleted: nothing is stored any more, and the source is closed", async (test) => {
    const { on, pipe } = await setUp(test);
    const source = new Source([sse("a")], { thenSilent: true });
    const { finished } = await pipe({ source });
    await until(async () => (await on.entries("r")).length === 1);
    await on.onlooker.delete("r");
    await expect(finished).rejects.toMatchObject({
      code: expect.stringMatching(/^(EXPIRED|NOT_FOUND)$/),
    });
    expect(source.closed).toBe(1);
    expect(await on.entries("r")).toEqual([]);
  });
});

describe.concurrent("an error's text", () => {
  it("is what describeError makes of it", async (test) => {
    const { pipe } = await setUp(test);
    const { finished } = await pipe({
      source: new Source([], { throws: new Error("secret") }),
      describeError: (error) => `told: ${(error as Error).message.length}`,
    });
    expect(await finished).toMatchObject({ state: "error", error: "told: 6" });
  });

  it.for([
    [
      "throws",
      () => {
        throw new Error("again");
      },
    ],
    ["is no text", () => undefined as unknown as string],
  ] as const)("is there also if describeError %s", async ([, describeError], test) => {
    const { on, pipe } = await setUp(test);
    const source = new Source([], { throws: new Error("secret") });
    const { finished } = await pipe({ source, describeError });
    expect(await finished).toMatchObject({ state: "error", error: "the generation failed" });
    expect((await on.entries("r")).at(-1)?.data).not.toContain("secret");
  });

  it("is well-formed, whatever was thrown", async (test) => {
    const { pipe } = await setUp(test);
    const { finished } = await pipe({ source: new Source([], { throws: "half \ud83d" }) });
    expect(await finished).toMatchObject({ state: "error", error: "half \ufffd" });
  });
});
