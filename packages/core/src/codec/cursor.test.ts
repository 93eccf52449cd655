import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cursorOf, parseCursor } from "./cursor.ts";

describe("parseCursor", () => {
  test.each(["0", "1", "9", "10", "100000", "999999999999999"])("%s", (text) => {
    expect(parseCursor(text)).toBe(Number(text));
  });

  // The shapes that Number, parseInt or a lazy pattern would let through.
  test.each([
    ..."-1 -0 +1 00 01 1.0 1. .5 1e3 0x10 1_000 2junk NaN Infinity null undefined ١ １".split(" "),
    ..."1000000000000000 9007199254740993 1,2 1;".split(" "),
    ...["", " ", " 1", "1 ", "1\n", "\n1", "1\0", "\ufeff1", "9".repeat(400)],
  ])("%j is refused", (text) => {
    expect(() => parseCursor(text)).toThrow(expect.objectContaining({ code: "INVALID_CURSOR" }));
  });

  test("takes what it is given as a number, and nothing else", () => {
    fc.assert(
      fc.property(fc.nat({ max: 999_999_999_999_999 }), (seq) => {
        expect(parseCursor(String(seq))).toBe(seq);
      }),
    );
    fc.assert(
      fc.property(fc.string({ maxLength: 6 }), (text) => {
        fc.pre(!/^(0|[1-9][0-9]*)$/.test(text));
        expect(() => parseCursor(text)).toThrow();
      }),
    );
  });

  test("does not repeat all of a long cursor to whoever sent it", () => {
    expect(() => parseCursor("x".repeat(10_000))).toThrow(/^.{0,100}$/);
  });
});

test.each([
  ["0 by default", "https://x/", {}, "0"],
  ["the query", "https://x/?id=a&after=7", {}, "7"],
  ["the header", "https://x/", { "Last-Event-ID": "8" }, "8"],
  ["the header rather than the query", "https://x/?after=7", { "Last-Event-ID": "8" }, "8"],
  ["the first of two", "https://x/?after=7&after=9", {}, "7"],
  ["what is written, also if it is junk", "https://x/?after=-2", {}, "-2"],
  ["an empty one too: it is no cursor", "https://x/?after=", {}, ""],
  ["an empty header too", "https://x/?after=7", { "Last-Event-ID": "" }, ""],
  ["a plus as what it means", "https://x/?after=+7", {}, " 7"],
])("cursorOf: %s", (_, url, headers, cursor) => {
  expect(cursorOf(new Request(url, { headers: headers as Record<string, string> }))).toBe(cursor);
});
