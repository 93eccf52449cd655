import { fromChunk, SseDecoder, toChunk } from "@streambed/core/codec";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromEntry, toEntry } from "./entry-codec.ts";

/** Text made of what could be taken for something else. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...["\n", "\r", "\r\n", "\n\n", "\x01", "\0", "\ufeff", "\u2028", " ", ":", "😀"],
        ...["data: ", "data", "event: ", "id: 5", "chunk: text\n", "exact: ", ": ", "retry: 1"],
        ...["[DONE]", "error", "message", "open", "named", '"', "\\"],
      ),
      fc.string({ unit: "binary", maxLength: 4 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(""))
  .filter((text) => text.isWellFormed());

const chunks = fc.oneof(
  hostile,
  hostile.map((data) => `\x01${data}`),
  hostile.map((data) => `named\x01${data}`),
  fc.constantFrom(
    "",
    "\x01",
    "error\x01x",
    "message\x01x",
    "named\x01",
    "\x01\x01",
    "chunk: text\ndata: x\n\n",
  ),
);

it("any chunk comes back from its entry as it was", () => {
  fc.assert(
    fc.property(chunks, (chunk) => {
      expect(fromEntry(toEntry(chunk))).toBe(chunk);
    }),
    { numRuns: 1_000 },
  );
});

it("an entry is the chunk's event, and no other, for whoever reads SSE", () => {
  fc.assert(
    fc.property(chunks, (chunk) => {
      const entry = toEntry(chunk);
      const decoder = new SseDecoder();
      const { event, data } = fromChunk(chunk);
      expect(decoder.decode(entry)).toEqual([{ lastEventId: "", event, data }]);
      // Nothing is left over that the next entry would be taken for a part of.
      expect(decoder.decode("data: next\n\n")).toEqual([
        { lastEventId: "", event: "", data: "next" },
      ]);
      expect(entry).toMatch(/\n\n$/);
      expect(entry).not.toMatch(/(?:^|[\r\n])id/);
    }),
    { numRuns: 1_000 },
  );
});

describe("an entry of Python's", () => {
  it.each([
    ["data: x\n\n", "\x01x"],
    ["data:x\n\n", "\x01x"],
    ["data: \n\n", "\x01"],
    ["data: x\r\n\r\n", "\x01x"],
    ["data: x\r\r", "\x01x"],
    ["data: x", "\x01x"],
    ["data: x\n", "\x01x"],
    ["data: a\ndata: b\n\n", "\x01a\nb"],
    ["event: message\ndata: x\n\n", "\x01x"],
    ["event: ping\ndata: x\n\n", "ping\x01x"],
    ["id: 7\nevent: ping\ndata: x\n\n", "ping\x01x"],
    [": comment\ndata: x\n\n", "\x01x"],
    ["data: x\n\n: comment\n\n", "\x01x"],
    ["data: \x01x\n\n", "\x01\x01x"],
  ])("%j is the event %j", (entry, chunk) => {
    expect(fromEntry(entry)).toBe(chunk);
  });

  it.each([
    "",
    "text",
    ": comment\n\n",
    "event: ping\n\n",
    "data: a\n\ndata: b\n\n",
    "data: a\n\ndata: b",
    "data: a\n\ndata: b\n",
    "event: error\ndata: x\n\n",
    "event: done\ndata: x\n\n",
    "event: a b\ndata: x\n\n",
    `event: ${"x".repeat(65)}\ndata: x\n\n`,
    "chunk: text\n",
    "chunk: text\n\n",
  ])("%j, which is not one event that a stream may hold, is text as it stands", (entry) => {
    expect(fromEntry(entry)).toBe(toChunk({ event: "", data: entry }));
  });

  it("of any form is exactly one chunk, which is one event again", () => {
    fc.assert(
      fc.property(hostile, (entry) => {
        const chunk = fromEntry(entry);
        expect(typeof chunk).toBe("string");
        expect(fromEntry(toEntry(chunk))).toBe(chunk);
      }),
      { numRuns: 1_000 },
    );
  });
});
