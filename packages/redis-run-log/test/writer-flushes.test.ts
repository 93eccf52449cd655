import { setTimeout as sleep } from "node:timers/promises";
import { startRedis } from "@streambed/test-kit";
import type { RedisServer } from "@streambed/test-kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestContext } from "vitest";
import { until } from "../../redis-stream-store/test/support-clients.ts";
import { RunLogWriter } from "../src/index.ts";
import type { RunLogWriterOptions } from "../src/index.ts";
import { asEntries, chunksOf, DONE, setUpWriting, sse, codeOf } from "./support-writing.ts";

/** Its own: another file's SCRIPT FLUSH would add requests. */
let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

async function setUp(test: TestContext, options: RunLogWriterOptions) {
  const on = await setUpWriting(test, { url: server.url });
  const writer = on.writer(options);
  // Opened, its scripts known to the server, and the first chunk stored, for which nothing waits.
  await writer.writeChunk("r", sse("chunk 0"));
  await until(async () => (await on.entries("r")).length === 1);
  const { proxy } = on.endpoint;
  proxy.resetCounts();
  const flushes = (): number => {
    expect(Object.keys(proxy.counts).every((name) => name === "EVALSHA" || name === "EVAL")).toBe(
      true,
    );
    return Object.values(proxy.counts).reduce((sum, count) => sum + count, 0);
  };
  return { ...on, writer, proxy, flushes };
}

const HOUR = 3_600_000;

describe.concurrent("chunks are stored", () => {
  it("when there are flushSize of them, by one script", async (test) => {
    const { writer, flushes, entries } = await setUp(test, {
      ...{ flushIntervalMs: HOUR, flushSize: 10 },
    });
    const chunks = chunksOf(10);
    for (const chunk of chunks.slice(0, 9)) await writer.writeChunk("r", chunk);
    await sleep(150);
    expect(flushes(), "nine of ten").toBe(0);
    expect(await entries("r")).toHaveLength(1);
    await writer.writeChunk("r", chunks.at(9) ?? "");
    await until(async () => (await entries("r")).length === 11);
    expect(flushes()).toBe(1);
    expect(await entries("r")).toEqual(asEntries([sse("chunk 0"), ...chunks]));
  });

  it("when flushIntervalMs has passed since the last flush, by one script", async (test) => {
    const { writer, flushes, entries } = await setUp(test, {
      ...{ flushIntervalMs: 400, flushSize: 1_000 },
    });
    for (const chunk of chunksOf(20)) await writer.writeChunk("r", chunk);
    await until(async () => (await entries("r")).length === 21);
    expect(flushes()).toBe(1);
    // Nothing waits any more: the next flush is due at once.
    await sleep(450);
    await writer.writeChunk("r", sse("chunk 21"));
    await until(async () => (await entries("r")).length === 22);
    expect(flushes()).toBe(2);
  });

  it("at once, each, with flushIntervalMs 0 and a pause between", async (test) => {
    const { writer, flushes, entries } = await setUp(test, { flushIntervalMs: 0 });
    for (let n = 2; n <= 6; n++) {
      await writer.writeChunk("r", sse(`chunk ${n}`));
      await until(async () => (await entries("r")).length === n);
    }
    expect(flushes()).toBe(5);
  });

  it("when the run is complete, by one script, and no lease is renewed any more", async (test) => {
    const { writer, flushes, entries } = await setUp(test, {
      ...{ flushIntervalMs: HOUR, flushSize: 1_000, leaseMs: 900 },
    });
    await writer.writeChunk("r", sse("chunk 1"));
    await writer.markComplete("r");
    expect(await entries("r")).toEqual(
      asEntries([sse("chunk 0"), sse("chunk 1"), DONE], { complete: true }),
    );
    expect(flushes()).toBe(1);
    await sleep(1_000);
    expect(flushes(), "heartbeats of a run that is over").toBe(1);
  });

  it("when a million characters wait, or 2,000 chunks, whatever flushSize says", async (test) => {
    const { writer, entries } = await setUp(test, {
      ...{ flushIntervalMs: HOUR, flushSize: 100_000, leaseMs: HOUR },
    });
    const big = "x".repeat(1_000_000);
    await writer.writeChunk("r", sse(big));
    await until(async () => (await entries("r")).length === 2);
    for (let round = 1; round <= 3; round++) {
      for (const chunk of chunksOf(2_000)) await writer.writeChunk("r", chunk);
      await until(async () => (await entries("r")).length === 2 + round * 2_000);
    }
  });

  it("in their order, from many calls at once", async (test) => {
    const { writer, entries } = await setUp(test, { flushIntervalMs: 1, flushSize: 7 });
    const chunks = chunksOf(500);
    const seqs = await Promise.all(chunks.map((chunk) => writer.writeChunk("r", chunk)));
    expect(seqs).toEqual(chunks.map((_, i) => i + 2));
    await writer.stop();
    expect(await entries("r")).toEqual(asEntries([sse("chunk 0"), ...chunks]));
  });

  it("each byte as it came", async (test) => {
    const { writer, entries } = await setUp(test, { flushSize: 3 });
    const odd = [
      "",
      "\0",
      "\r\n",
      "data: é漢😀\n\n",
      "-1",
      "0x10",
      "1e999",
      "=",
      "~",
      "MAXLEN",
      "\ufeff",
    ];
    for (const chunk of odd) await writer.writeChunk("r", chunk);
    await writer.writeChunk("r", "", { complete: true });
    expect(await entries("r")).toEqual(asEntries([sse("chunk 0"), ...odd, ""], { complete: true }));
  });
});

describe.concurrent("every flush", () => {
  it("renews the TTL of both keys", async (test) => {
    const { prefix, writer, raw, entries } = await setUp(test, {
      ...{ ttlSec: 100, flushIntervalMs: 0, leaseMs: 60_000 },
    });
    const keys = [`${prefix}:r`, `{${prefix}:r}:meta`];
    const expireSoon = async (): Promise<void> => {
      for (const key of keys) expect(await raw.command("PEXPIRE", key, 50_000)).toBe(1);
    };
    // While it is active, at least for twice the time after which it counts as lost.
    const expectTtl = async (ms: number): Promise<void> => {
      for (const key of keys) {
        const ttl = Number(await raw.text("PTTL", key));
        expect(ttl).toBeGreaterThan(ms - 10_000);
        expect(ttl).toBeLessThanOrEqual(ms);
      }
    };
    await expireSoon();
    await writer.writeChunk("r", sse("chunk 1"));
    await until(async () => (await entries("r")).length === 2);
    await expectTtl(240_000);
    await expireSoon();
    await writer.markComplete("r");
    await expectTtl(100_000);
  });

  it("trims to about maxLength, and seqs go on", async (test) => {
    const { writer, entries, prefix, meta } = await setUp(test, {
      ...{ maxLength: 200, flushSize: 20, flushIntervalMs: 1 },
    });
    for (const chunk of chunksOf(1_000)) await writer.writeChunk("r", chunk);
    await writer.stop();
    // Redis trims whole nodes of about a hundred entries.
    const kept = await entries("r");
    expect(kept.length).toBeGreaterThanOrEqual(200);
    expect(kept.length).toBeLessThan(400);
    expect(kept.map(({ seq }) => seq)).toEqual(
      Array.from({ length: kept.length }, (_, i) => 1_001 - kept.length + i + 1),
    );
    expect(await meta("r")).toMatchObject({ state: "active", totalChunks: 1_001 });
    const next = new RunLogWriter((await setUpWriting(test, { url: server.url })).client, {
      prefix,
      maxLength: 200,
    });
    expect(await next.writeChunk("r", DONE, { complete: true })).toBe(1_002);
  });

  it("trims nothing with maxLength 0", async (test) => {
    const { writer, entries } = await setUp(test, { maxLength: 0 });
    for (const chunk of chunksOf(300)) await writer.writeChunk("r", chunk);
    await writer.stop();
    expect(await entries("r")).toHaveLength(301);
  });
});

describe.concurrent("while Redis does not answer", () => {
  it("a bounded number of chunks is taken, then LIMIT, and what is taken is stored in order when it does", async (test) => {
    const { writer, proxy, entries } = await setUp(test, { flushIntervalMs: 1, maxLength: 0 });
    proxy.blackhole(true);
    const taken: string[] = [sse("chunk 0")];
    const take = async (n: number): Promise<unknown> => {
      const seq = await writer.writeChunk("r", sse(`chunk ${n}`)).catch(codeOf);
      if (typeof seq === "number") expect(seq).toBe(taken.push(sse(`chunk ${n}`)));
      return seq;
    };
    // Each call is awaited; the last one for a second, in vain.
    while ((await take(taken.length)) !== "LIMIT");
    expect(taken.length).toBeGreaterThan(1_000);
    expect(taken.length).toBeLessThan(8_000);
    const many = await Promise.all(Array.from({ length: 5_000 }, (_, n) => take(n)));
    expect(new Set(many)).toEqual(new Set(["LIMIT"]));
    proxy.blackhole(false);
    await until(async () => (await entries("r")).length > 1_000);
    // There is room again, and the seq is the next one.
    expect(await writer.writeChunk("r", DONE, { complete: true })).toBe(taken.length + 1);
    expect(await entries("r")).toEqual(asEntries([...taken, DONE], { complete: true }));
  });

  it("while it does, who awaits each call is made to wait, and not refused", async (test) => {
    const { writer, entries } = await setUp(test, { flushIntervalMs: 60_000, maxLength: 0 });
    const chunks = chunksOf(12_000);
    for (const chunk of chunks) await writer.writeChunk("r", chunk);
    await writer.stop();
    expect((await entries("r")).map(({ data }) => data)).toEqual([sse("chunk 0"), ...chunks]);
  });

  it("a million characters are too many", async (test) => {
    const { writer, proxy, entries } = await setUp(test, { flushIntervalMs: 1 });
    proxy.blackhole(true);
    const big = sse("x".repeat(300_000));
    const outcomes: unknown[] = [];
    for (let n = 0; n < 7; n++) {
      outcomes.push(await writer.writeChunk("r", big).catch(codeOf));
    }
    const taken = outcomes.filter((outcome) => typeof outcome === "number").length;
    expect(taken).toBeGreaterThan(2);
    expect(taken).toBeLessThan(6);
    expect(new Set(outcomes.slice(taken))).toEqual(new Set(["LIMIT"]));
    proxy.blackhole(false);
    await writer.stop();
    expect(await entries("r")).toHaveLength(taken + 1);
  });

  it("failed flushes keep their order, each chunk once", async (test) => {
    const { writer, proxy, entries } = await setUp(test, {
      ...{ flushIntervalMs: 5, timeoutMs: 400, leaseMs: 20_000 },
    });
    const chunks = chunksOf(60);
    for (const [i, chunk] of chunks.entries()) {
      if (i % 20 === 5) proxy.blackhole(true);
      if (i % 20 === 10) await sleep(700);
      if (i % 20 === 15) proxy.blackhole(false);
      if (i % 20 === 18) proxy.cut();
      await writer.writeChunk("r", chunk);
      await sleep(2);
    }
    proxy.blackhole(false);
    await writer.stop();
    expect(await entries("r")).toEqual(asEntries([sse("chunk 0"), ...chunks]));
  });
});
