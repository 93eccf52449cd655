import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { until } from "../../redis-stream-store/test/support-clients.ts";
import { RunLogWriter } from "../src/index.ts";
import type { RunLogWriterOptions } from "../src/index.ts";
import { asEntries, chunksOf, codeOf, DONE, setUpWriting, sse } from "./support-writing.ts";

const HOUR = 3_600_000;
/** Nothing is flushed that is not asked for. */
const LAZY: RunLogWriterOptions = { flushIntervalMs: HOUR, flushSize: 1_000 };

describe.concurrent("stop()", () => {
  it("stores what waits, of all runs, and takes nothing more", async (test) => {
    const on = await setUpWriting(test);
    const writer = on.writer(LAZY);
    const runs = chunksOf(20).map((_, i) => `r${i}`);
    for (const chunk of chunksOf(5)) {
      for (const run of runs) await writer.writeChunk(run, chunk);
    }
    await writer.stop();
    for (const run of runs) expect(await on.entries(run)).toEqual(asEntries(chunksOf(5)));
    await expect(writer.writeChunk("r0", sse("x"))).rejects.toMatchObject({ code: "NOT_ACTIVE" });
    await expect(writer.markComplete("new")).rejects.toMatchObject({ code: "NOT_ACTIVE" });
    expect(await on.raw.command("EXISTS", `{${on.prefix}:new}:meta`)).toBe(0);
  });

  it("also what was taken and not awaited", async (test) => {
    const on = await setUpWriting(test);
    const writer = on.writer(LAZY);
    const writing = Promise.all(chunksOf(50).map((chunk) => writer.writeChunk("r", chunk)));
    const stopping = writer.stop();
    expect(await writing).toHaveLength(50);
    await stopping;
    expect(await on.entries("r")).toEqual(asEntries(chunksOf(50)));
  });

  it("while a run is being completed waits for that, and is no failure", async (test) => {
    const on = await setUpWriting(test);
    const writer = on.writer(LAZY);
    await writer.writeChunk("r", sse("a"));
    await writer.writeChunk("r", sse("b"));
    on.endpoint.proxy.delayMs = 50;
    const completing = writer.markComplete("r");
    await sleep(10);
    await writer.stop();
    await completing;
    expect(await on.entries("r")).toEqual(
      asEntries([sse("a"), sse("b"), DONE], { complete: true }),
    );
  });

  it("twice at once: both wait until all is stored", async (test) => {
    const on = await setUpWriting(test);
    const writer = on.writer(LAZY);
    for (const chunk of chunksOf(3)) await writer.writeChunk("r", chunk);
    on.endpoint.proxy.delayMs = 50;
    void writer.stop();
    await writer.stop();
    expect(await on.entries("r")).toEqual(asEntries(chunksOf(3)));
  });

  it("is what `await using` does", async (test) => {
    const on = await setUpWriting(test);
    {
      await using writer = new RunLogWriter(on.client, { ...LAZY, prefix: on.prefix });
      for (const chunk of chunksOf(3)) await writer.writeChunk("r", chunk);
    }
    expect(await on.entries("r")).toEqual(asEntries(chunksOf(3)));
    expect(await on.writer().writeChunk("r", sse("next"))).toBe(4);
  });

  it("and start() again: the same object goes on", async (test) => {
    const on = await setUpWriting(test);
    const writer = on.writer(LAZY);
    for (let life = 0; life < 3; life++) {
      writer.start();
      for (const chunk of chunksOf(3)) await writer.writeChunk("r", chunk);
      await writer.stop();
    }
    writer.start();
    await writer.markComplete("r");
    const all = [...chunksOf(3), ...chunksOf(3), ...chunksOf(3), DONE];
    expect(await on.entries("r")).toEqual(asEntries(all, { complete: true }));
  });

  it("start() before it has ended: what is written next goes behind what was", async (test) => {
    const on = await setUpWriting(test);
    const writer = on.writer(LAZY);
    for (const chunk of chunksOf(3)) await writer.writeChunk("r", chunk);
    on.endpoint.proxy.delayMs = 20;
    const stopping = writer.stop();
    writer.start();
    expect(await writer.writeChunk("r", sse("next"))).toBe(4);
    await stopping;
    await writer.stop();
    expect(await on.entries("r")).toEqual(asEntries([...chunksOf(3), sse("next")]));
  });

  it("throws what chunks were refused with, after all others are stored", async (test) => {
    const on = await setUpWriting(test);
    const writer = on.writer(LAZY);
    for (const run of ["a", "b", "c"]) {
      await writer.writeChunk(run, sse("first"));
      await writer.writeChunk(run, sse("waits"));
    }
    await until(async () => (await on.entries("c")).length === 1);
    await on.onlooker.stop("b");
    await expect(writer.stop()).rejects.toMatchObject({ code: "NOT_ACTIVE" });
    expect(await on.entries("a")).toEqual(asEntries([sse("first"), sse("waits")]));
    expect(await on.entries("b")).toEqual(asEntries([sse("first"), DONE], { complete: true }));
    expect(await on.entries("c")).toEqual(asEntries([sse("first"), sse("waits")]));
  });
});

describe.concurrent("a run that is complete", () => {
  it("takes nothing more, from the same writer and from others, also at once", async (test) => {
    const on = await setUpWriting(test);
    const writer = on.writer();
    await writer.writeChunk("r", sse("a"));
    const completing = writer.writeChunk("r", DONE, { complete: true });
    const refused = { code: "NOT_ACTIVE" };
    const late = writer.writeChunk("r", sse("b")).catch(codeOf);
    expect(await completing).toBe(2);
    expect(await late).toBe("NOT_ACTIVE");
    await expect(writer.writeChunk("r", sse("c"))).rejects.toMatchObject(refused);
    await expect(writer.markComplete("r")).rejects.toMatchObject(refused);
    await expect(on.writer().writeChunk("r", sse("d"))).rejects.toMatchObject(refused);
    expect(await on.entries("r")).toEqual(asEntries([sse("a"), DONE], { complete: true }));
  });

  it.for([
    [DONE, { state: "done", totalChunks: 1 }],
    [sse("the last word"), { state: "done", totalChunks: 2 }],
    ['event: error\ndata: {"error":"e"}\n\n', { state: "error", error: "e", totalChunks: 1 }],
  ] as const)("by %j alone ends as that says", async ([data, status], test) => {
    const on = await setUpWriting(test);
    const writer = on.writer();
    await writer.writeChunk("r", sse("a"));
    expect(await writer.writeChunk("r", data, { complete: true })).toBe(2);
    expect(await on.onlooker.getStatus("r")).toEqual(status);
    expect(await on.entries("r")).toEqual(asEntries([sse("a"), data], { complete: true }));
  });

  it("by its first chunk is a whole run", async (test) => {
    const on = await setUpWriting(test);
    expect(await on.writer().writeChunk("r", sse("all"), { complete: true })).toBe(1);
    expect(await on.entries("r")).toEqual(asEntries([sse("all")], { complete: true }));
  });
});
