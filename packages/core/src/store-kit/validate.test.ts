import { describe, expect, test } from "vitest";
import {
  assertAppendOptions,
  assertChatId,
  assertCreateOptions,
  assertCursor,
  assertPositiveInteger,
  assertSetActiveOptions,
  assertStreamId,
  assertText,
  resolveLimits,
} from "./validate.ts";

const coded = (code: string): unknown => expect.objectContaining({ name: "StreamError", code });

describe("ids", () => {
  test.each(["a", "0", "A-Z_a.z:0-9", "..", "x".repeat(256)])("%j is one", (id) => {
    assertStreamId(id);
    assertChatId(id);
    assertSetActiveOptions({ instead: id });
  });

  test.each([
    ...["", " ", "a b", "a\n", "\na", "a\0", "a/b", "a*", "{a}", "ä", "😀", "x".repeat(257)],
    ...[undefined, null, 7, ["a"], { toString: () => "a" }],
  ])("%j is none", (id) => {
    expect(() => assertStreamId(id)).toThrow(coded("INVALID_ID"));
    expect(() => assertChatId(id)).toThrow(coded("INVALID_ID"));
    const options = { instead: id as string };
    if (id !== undefined) {
      expect(() => assertSetActiveOptions(options)).toThrow(coded("INVALID_OPTION"));
    }
  });
});

describe("cursors", () => {
  test.each([0, 1, Number.MAX_SAFE_INTEGER])("%j is one", (cursor) => assertCursor(cursor));

  test.each([-1, 0.5, NaN, Infinity, 2 ** 53, "0", 0n, null, undefined, [0], true])(
    "%s is none",
    (cursor) => {
      expect(() => assertCursor(cursor)).toThrow(coded("INVALID_CURSOR"));
    },
  );
});

test("a text is a well-formed string, and the message says which one is not", () => {
  assertText("", "a chunk");
  assertText("😀\ufeff\0", "a chunk");
  for (const text of [undefined, null, 7, ["a"], "\ud83d", "a\ude00b"]) {
    expect(() => assertText(text, "a chunk")).toThrow(coded("INVALID_CHUNK"));
  }
  expect(() => assertText("\ud83d", "an error text")).toThrow("an error text");
});

describe("numbers", () => {
  test.each([undefined, 1, 300, 1e12])("%j is in range", (value) => {
    assertPositiveInteger("ttlSec", value);
  });

  test.each([0, -0, -1, 0.5, 1e12 + 1, NaN, Infinity, "5", null, 5n, {}, [5], true])(
    "%s is not",
    (value) => {
      expect(() => assertPositiveInteger("ttlSec", value)).toThrow(coded("INVALID_OPTION"));
      expect(() => assertPositiveInteger("ttlSec", value)).toThrow("ttlSec");
    },
  );
});

describe("options", () => {
  const longest = "!~".padEnd(128, "x");

  test("in range", () => {
    assertCreateOptions({});
    assertCreateOptions({ writer: longest, leaseMs: 1, ttlSec: 1 });
    assertCreateOptions({ writer: undefined, leaseMs: undefined, ttlSec: undefined });
    assertAppendOptions({});
    assertAppendOptions({ writer: longest, op: longest, end: "done" });
    assertAppendOptions({ end: { error: "" } });
    assertAppendOptions({ end: undefined });
  });

  test.each(["", " ", "a b", "ä", "a\n", "x".repeat(129), 7, null])("%j is no token", (token) => {
    const writer = token as string;
    expect(() => assertCreateOptions({ writer })).toThrow(coded("INVALID_OPTION"));
    expect(() => assertAppendOptions({ writer })).toThrow(coded("INVALID_OPTION"));
    expect(() => assertAppendOptions({ op: writer })).toThrow(coded("INVALID_OPTION"));
  });

  test.each(["", "error", "Done", 1, true, null, () => {}])("%s is no end", (end) => {
    expect(() => assertAppendOptions({ end: end as "done" })).toThrow(coded("INVALID_OPTION"));
  });

  test.each([{}, [], { error: undefined }, { error: 7 }, { error: "\ud83d" }])(
    "an end of %j has no text",
    (end) => {
      expect(() => assertAppendOptions({ end: end as unknown as "done" })).toThrow(
        coded("INVALID_CHUNK"),
      );
    },
  );

  test("leaseMs and ttlSec are numbers in range", () => {
    expect(() => assertCreateOptions({ leaseMs: 0 })).toThrow("leaseMs");
    expect(() => assertCreateOptions({ ttlSec: 1.5 })).toThrow("ttlSec");
  });
});

test("limits have defaults, and a range", () => {
  const defaults = { maxChunkBytes: 1_048_576, maxChunks: 100_000, maxBytes: 67_108_864 };
  expect(resolveLimits({})).toEqual(defaults);
  expect(resolveLimits({ maxChunks: 5, maxBytes: undefined })).toEqual({
    ...defaults,
    maxChunks: 5,
  });
  for (const name of ["maxChunkBytes", "maxChunks", "maxBytes"]) {
    expect(() => resolveLimits({ [name]: 0 })).toThrow(name);
    expect(() => resolveLimits({ [name]: Infinity })).toThrow(coded("INVALID_OPTION"));
  }
});
