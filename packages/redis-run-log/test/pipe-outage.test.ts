import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { TestContext } from "vitest";
import { until } from "../../redis-stream-store/test/support-clients.ts";
import { pipeRun } from "../src/index.ts";
import type { PipedRun, PipeRunOptions, RunSource } from "../src/index.ts";
import { Source } from "./support-source.ts";
import { asEntries, DONE, setUpWriting, sse, codeOf } from "./support-writing.ts";

async function setUp(test: TestContext) {
  const on = await setUpWriting(test);
  const pipe = (source: RunSource, options: Partial<PipeRunOptions> = {}): Promise<PipedRun> =>
    pipeRun({
      ...{ redis: on.client, prefix: on.prefix, runId: "r", flushIntervalMs: 5, source },
      ...options,
    });
  return { on, pipe };
}

describe.concurrent("a Redis that is away", () => {
  it("for less than the lease is no end", async (test) => {
    const { on, pipe } = await setUp(test);
    const abort = new AbortController();
    const { finished } = await pipe(ticks(abort.signal), { leaseMs: 15_000 });
    for (const blip of ["silent", "refused", "cut"]) {
      const before = (await on.entries("r")).length;
      await until(async () => (await on.entries("r")).length > before);
      if (blip === "silent") on.endpoint.proxy.blackhole(true);
      if (blip === "refused") await on.endpoint.proxy.refuse(true);
      on.endpoint.proxy.cut();
      await sleep(600);
      on.endpoint.proxy.blackhole(false);
      await on.endpoint.proxy.refuse(false);
    }
    await sleep(300);
    abort.abort();
    const { totalChunks, ...end } = await finished;
    expect(end).toEqual({ state: "done" });
    expect(totalChunks).toBeGreaterThan(20);
    const ticked = Array.from({ length: totalChunks - 1 }, (_, i) => sse(`tick ${i}`));
    expect(await on.entries("r")).toEqual(asEntries([...ticked, DONE], { complete: true }));
  });

  it("for longer ends the run on both sides: readers get the error, the source is closed", async (test) => {
    const { on, pipe } = await setUp(test);
    const source = new Source([sse("a")], { thenSilent: true });
    const { finished } = await pipe(source.from, {
      leaseMs: 1_500,
      timeoutMs: 1_500,
      retryForMs: 1_000,
    });
    await until(async () => (await on.entries("r")).length === 1);
    on.endpoint.proxy.blackhole(true);
    await until(async () => (await on.onlooker.getStatus("r"))?.state === "error");
    await until(() => source.closed === 1);
    expect(source.signal?.aborted).toBe(true);
    on.endpoint.proxy.blackhole(false);
    const outcome = await finished.catch(codeOf);
    expect([
      { state: "error", error: "producer lost", totalChunks: 2 },
      "UNAVAILABLE",
    ]).toContainEqual(outcome);
    expect((await on.entries("r")).map(({ complete }) => complete)).toEqual([undefined, "true"]);
  });

  it("makes a fast source wait; nothing is lost, and all is in order", async (test) => {
    const { on, pipe } = await setUp(test);
    let given = 0;
    const source = async function* (): AsyncGenerator<string> {
      while (given < 20_000) {
        yield sse(`${++given}`);
        if (given % 500 === 0) await nextTurn();
      }
      yield DONE;
    };
    on.endpoint.proxy.delayMs = 1;
    const { finished } = await pipe(source(), { maxLength: 0 });
    await until(() => given > 500);
    on.endpoint.proxy.blackhole(true);
    for (let before = 0; before < given; await sleep(300)) before = given;
    const stored = (await on.entries("r")).length;
    expect(given - stored).toBeLessThan(10_000);
    expect(given).toBeLessThan(20_000);
    on.endpoint.proxy.delayMs = 0;
    on.endpoint.proxy.blackhole(false);
    expect(await finished).toEqual({ state: "done", totalChunks: 20_001 });
    const all = Array.from({ length: 20_000 }, (_, i) => sse(`${i + 1}`));
    expect(await on.entries("r")).toEqual(asEntries([...all, DONE], { complete: true }));
  });
});

async function* ticks(signal: AbortSignal): AsyncGenerator<string> {
  for (let n = 0; !signal.aborted; n++) {
    yield sse(`tick ${n}`);
    await sleep(20);
  }
  yield DONE;
}
