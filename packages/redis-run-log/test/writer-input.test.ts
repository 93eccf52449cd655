import { describe, expect, it } from "vitest";
import { RunLogWriter } from "../src/index.ts";
import type { RunLogWriterOptions } from "../src/index.ts";
import { setUpWriting, sse } from "./support-writing.ts";

describe.concurrent("what is not good is refused, and nothing is stored", () => {
  it.for([
    ["no id", undefined, sse("x"), "INVALID_ID"],
    ["an empty id", "", sse("x"), "INVALID_ID"],
    ["an id with braces", "a{b}", sse("x"), "INVALID_ID"],
    ["an id with a line end", "a\n", sse("x"), "INVALID_ID"],
    ["an id that is too long", "x".repeat(257), sse("x"), "INVALID_ID"],
    ["no data", "r", undefined, "INVALID_CHUNK"],
    ["a number", "r", 1, "INVALID_CHUNK"],
    ["an array", "r", [sse("x")], "INVALID_CHUNK"],
    ["bytes", "r", new Uint8Array(3), "INVALID_CHUNK"],
    ["half a pair", "r", "data: \ud83d\n\n", "INVALID_CHUNK"],
    ["the other half", "r", "\ude00", "INVALID_CHUNK"],
    ["too much", "r", "x".repeat(1_048_577), "LIMIT"],
    ["too many bytes", "r", "é".repeat(600_000), "LIMIT"],
  ] as const)("%s", async ([, runId, data, code], test) => {
    const on = await setUpWriting(test);
    const writer = on.writer();
    for (const complete of [false, true]) {
      const writing = writer.writeChunk(runId as string, data as string, { complete });
      await expect(writing).rejects.toMatchObject({ name: "StreamError", code });
    }
    expect(await on.raw.text("KEYS", `*${on.prefix}*`)).toBe("");
    // The run is as if nothing had been tried.
    if (runId === "r") expect(await writer.writeChunk("r", sse("good"))).toBe(1);
  });

  it.for([
    { flushSize: 0 },
    { flushSize: 1.5 },
    { flushSize: Number.NaN },
    { flushSize: "5" },
    { flushIntervalMs: -1 },
    { flushIntervalMs: Infinity },
    { maxLength: -1 },
    { maxLength: 0.5 },
    { maxChunkBytes: 0 },
    { leaseMs: 0 },
    { leaseMs: 2e12 },
    { ttlSec: 0 },
    { timeoutMs: 0 },
    { idleTimeoutMs: 0 },
    { prefix: "{a}" },
    { prefix: 1 },
  ])("the option %j", async (options, test) => {
    const on = await setUpWriting(test);
    expect(() => on.writer(options as unknown as RunLogWriterOptions)).toThrow(
      expect.objectContaining({ name: "StreamError", code: "INVALID_OPTION" }),
    );
  });

  it("a client that runs no scripts", () => {
    expect(() => new RunLogWriter({} as never)).toThrow(
      expect.objectContaining({ code: "UNSUPPORTED" }),
    );
  });
});
