import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyText } from "../../test/support/texts.ts";
import { assertFits, toBatch, utf8Length } from "./batch.ts";
import { resolveLimits } from "./validate.ts";

const LIMITS = resolveLimits({ maxChunkBytes: 8, maxChunks: 3, maxBytes: 20 });
const INVALID_CHUNK = expect.objectContaining({ code: "INVALID_CHUNK" });
const LIMIT = expect.objectContaining({ code: "LIMIT" });

test("utf8Length is what an encoder says", () => {
  const bytesOf = (text: string): number => new TextEncoder().encode(text).length;
  fc.assert(
    fc.property(fc.oneof(anyText, fc.string({ unit: "binary", minLength: 50 })), (text) => {
      expect(utf8Length(text)).toBe(bytesOf(text));
    }),
    { numRuns: 300 },
  );
  for (const unit of [0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff]) {
    const text = String.fromCodePoint(unit);
    expect(utf8Length(text), unit.toString(16)).toBe(bytesOf(text));
  }
});

test.each([
  "\ud800",
  "\udc00",
  "a\ud83d",
  "\ud83d\ud83d\ude00",
  "\ude00\ud83d",
  "😀\udc00",
  "\ud800é",
])("utf8Length of what is not well-formed: %j", (text) => {
  expect(text.isWellFormed()).toBe(false);
  expect(utf8Length(text)).toBeUndefined();
});

test("utf8Length tells what is well-formed as the language does", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0xd700, max: 0xe0ff }), { maxLength: 6 }), (units) => {
      const text = String.fromCharCode(...units);
      expect(utf8Length(text) !== undefined).toBe(text.isWellFormed());
    }),
    { numRuns: 500 },
  );
});

describe("toBatch", () => {
  test("counts all bytes, of one chunk or several", () => {
    expect(toBatch("é", LIMITS)).toEqual({ chunks: ["é"], bytes: 2 });
    expect(toBatch(["é", "", "😀"], LIMITS)).toEqual({ chunks: ["é", "", "😀"], bytes: 6 });
    expect(toBatch([], LIMITS)).toEqual({ chunks: [], bytes: 0 });
    expect(toBatch("", LIMITS)).toEqual({ chunks: [""], bytes: 0 });
  });

  test("keeps a copy: the caller may go on using theirs", () => {
    const chunks = ["a", "b"];
    const batch = toBatch(chunks, LIMITS);
    chunks.push("\ud800");
    chunks[0] = "x";
    expect(batch).toEqual({ chunks: ["a", "b"], bytes: 2 });
  });

  test.each([
    [undefined],
    [null],
    [7],
    [{ length: 1, 0: "a" }],
    [new Set(["a"])],
    [new String("a")],
    [["a", undefined]],
    [["a", null]],
    [["a", 7]],
    [[["a"]]],
    [["a", , "b"]],
    ["\ud83d"],
    ["\ude00"],
    ["\ude00\ud83d"],
    [["fine", "a\ud83d"]],
  ])("%j is refused", (chunks) => {
    expect(() => toBatch(chunks as string, LIMITS)).toThrow(INVALID_CHUNK);
  });

  test("refuses a chunk over the limit, in bytes, and not one at it", () => {
    expect(toBatch(["12345678", "éééé", "😀😀"], LIMITS).bytes).toBe(24);
    for (const chunk of ["123456789", "ééééa", "😀😀a"]) {
      expect(() => toBatch(["a", chunk], LIMITS)).toThrow(LIMIT);
    }
  });
});

describe("assertFits", () => {
  const batch = toBatch(["1234", "5678"], LIMITS);

  test("takes what fits exactly", () => {
    assertFits(batch, { chunks: 1, bytes: 12 }, LIMITS);
    assertFits(batch, { chunks: 0, bytes: 0 }, LIMITS);
  });

  test("refuses one chunk or one byte too many", () => {
    expect(() => assertFits(batch, { chunks: 2, bytes: 0 }, LIMITS)).toThrow(LIMIT);
    expect(() => assertFits(batch, { chunks: 0, bytes: 13 }, LIMITS)).toThrow(LIMIT);
  });

  test("lets a heartbeat through when the stream is full, or over", () => {
    assertFits(toBatch([], LIMITS), { chunks: 3, bytes: 20 }, LIMITS);
    assertFits(toBatch([], LIMITS), { chunks: 9, bytes: 90 }, LIMITS);
  });
});
