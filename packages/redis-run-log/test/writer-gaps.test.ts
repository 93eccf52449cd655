import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { TestContext } from "vitest";
import { until } from "../../redis-stream-store/test/support-clients.ts";
import type { RunLogWriter, RunLogWriterOptions } from "../src/index.ts";
import { asEntries, chunksOf, codeOf, DONE, setUpWriting, sse } from "./support-writing.ts";
import type { Writing } from "./support-writing.ts";

/** Takes Redis away: what is sent fails at once, and no call has to have a short time for it. */
async function away({ endpoint: { proxy } }: Writing, isAway: boolean): Promise<void> {
  await proxy.refuse(isAway);
  if (isAway) proxy.cut();
}

/** Awaits that a run's next chunk is refused, and resolves to the code. */
async function refusalOf(writer: RunLogWriter, runId: string): Promise<string> {
  for (;;) {
    try {
      await writer.writeChunk(runId, sse("refused?"));
    } catch (error) {
      return (error as { code: string }).code;
    }
    await sleep(10);
  }
}

describe.concurrent("a run that could not be stored is not gone on with, behind a gap,", () => {
  const LEASE: RunLogWriterOptions = { leaseMs: 1_500, timeoutMs: 15_000, retryForMs: 1_000 };

  async function lapse(test: TestContext) {
    const on = await setUpWriting(test);
    const writer = on.writer({ ...LEASE, flushIntervalMs: 5 });
    await writer.writeChunk("r", sse("a"));
    await until(async () => (await on.entries("r")).length === 1);
    await away(on, true);
    await writer.writeChunk("r", sse("gone"));
    expect(await refusalOf(writer, "r")).toBe("UNAVAILABLE");
    await away(on, false);
    return { on, writer };
  }

  it("when the lease has lapsed: not after Redis is back, not after stop() and start()", async (test) => {
    const { on, writer } = await lapse(test);
    for (let again = 0; again < 3; again++) {
      await expect(writer.writeChunk("r", sse("x"))).rejects.toMatchObject({ code: "UNAVAILABLE" });
      await expect(writer.markComplete("r")).rejects.toMatchObject({ code: "UNAVAILABLE" });
      await writer.stop();
      writer.start();
    }
    // Of other runs it does not speak.
    expect(await writer.writeChunk("other", sse("x"))).toBe(1);
    const data = (await on.entries("r")).map((entry) => entry.data);
    expect(data).not.toContain(sse("x"));
  });

  it("when thousands of runs failed before it", { timeout: 40_000 }, async (test) => {
    const on = await setUpWriting(test);
    const writer = on.writer({ leaseMs: 3_000, timeoutMs: 15_000, retryForMs: 1_000 });
    const runs = chunksOf(1_050).map((_, i) => `r${i}`);
    const writeAll = (data: string): Promise<unknown> =>
      Promise.all(runs.map((run) => writer.writeChunk(run, data)));
    await writeAll(sse("a"));
    await until(async () => (await on.entries("r1049")).length === 1);
    await away(on, true);
    await writeAll(sse("gone"));
    await Promise.all(runs.map((run) => refusalOf(writer, run)));
    await away(on, false);
    for (const run of runs.slice(0, 50)) {
      await expect(writer.writeChunk(run, sse("b"))).rejects.toMatchObject({ code: "UNAVAILABLE" });
    }
  });

  it("when it was stopped from elsewhere", async (test) => {
    const on = await setUpWriting(test);
    const writer = on.writer({ flushIntervalMs: 5 });
    await writer.writeChunk("r", sse("a"));
    await until(async () => (await on.entries("r")).length === 1);
    await on.onlooker.stop("r");
    expect(await refusalOf(writer, "r")).toBe("NOT_ACTIVE");
    await expect(writer.markComplete("r")).rejects.toMatchObject({ code: "NOT_ACTIVE" });
    expect(await on.entries("r")).toEqual(asEntries([sse("a"), DONE], { complete: true }));
  });

  it("when it was deleted, though the id is free", async (test) => {
    const on = await setUpWriting(test);
    const writer = on.writer({ flushIntervalMs: 5 });
    await writer.writeChunk("r", sse("a"));
    await until(async () => (await on.entries("r")).length === 1);
    await on.onlooker.delete("r");
    expect(await refusalOf(writer, "r")).toBe("NOT_FOUND");
    await expect(writer.writeChunk("r", sse("b"))).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(await on.entries("r")).toEqual([]);
    expect(await on.writer().writeChunk("r", sse("another life"))).toBe(1);
  });

  it("when its entries were evicted", async (test) => {
    const on = await setUpWriting(test);
    const writer = on.writer({ flushIntervalMs: 5 });
    await writer.writeChunk("r", sse("a"));
    await until(async () => (await on.entries("r")).length === 1);
    await on.raw.command("DEL", `${on.prefix}:r`);
    expect(await refusalOf(writer, "r")).toBe("LOST");
    expect(await on.entries("r")).toEqual([]);
  });

  it("when a stop() under way is what fails, and it is started again", async (test) => {
    const on = await setUpWriting(test);
    const writer = on.writer({ flushIntervalMs: 3_600_000 });
    await writer.writeChunk("r", sse("a"));
    await until(async () => (await on.entries("r")).length === 1);
    await writer.writeChunk("r", sse("waits"));
    await on.raw.command("DEL", `${on.prefix}:r`);
    const stopping = writer.stop().catch(codeOf);
    writer.start();
    expect(await writer.writeChunk("r", sse("b")).catch(codeOf)).toBe("LOST");
    expect(await stopping).toBe("LOST");
    expect(await on.entries("r")).toEqual([]);
  });

  it("when its key holds something else", async (test) => {
    const on = await setUpWriting(test);
    await on.raw.command("SET", `${on.prefix}:r`, "mine");
    await expect(on.writer().writeChunk("r", sse("a"))).rejects.toMatchObject({
      code: "UNSUPPORTED",
    });
    expect(await on.raw.text("GET", `${on.prefix}:r`)).toBe("mine");
  });

  it("and what is refused is refused at once, not taken and dropped", async (test) => {
    const on = await setUpWriting(test);
    const writer = on.writer({ flushIntervalMs: 5 });
    await writer.writeChunk("r", sse("a"));
    await until(async () => (await on.entries("r")).length === 1);
    await on.onlooker.stop("r");
    // Taken while nobody knew, then refused: between the two no call may get a seq that is never stored.
    const outcomes: string[] = [];
    for (let n = 0; n < 500 && outcomes.at(-1) !== "rejected"; n++) {
      const [outcome] = await Promise.allSettled([writer.writeChunk("r", sse(`${n}`))]);
      outcomes.push(outcome.status);
      if (n % 20 === 0) await sleep(1);
    }
    const [next, after] = await Promise.allSettled([
      writer.writeChunk("r", sse("x")),
      writer.writeChunk("r", sse("y")),
    ]);
    expect([next.status, after.status]).toEqual(["rejected", "rejected"]);
  });
});
