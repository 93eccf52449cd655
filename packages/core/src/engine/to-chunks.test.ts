import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromChunk } from "../codec/stream-event.ts";
import type { StreamEvent } from "../codec/stream-event.ts";
import { ToChunks } from "./to-chunks.ts";
import { WellFormed } from "./well-formed.ts";

const [HIGH, LOW] = ["\ud83d", "\ude00"];

/** Units of UTF-16 in any order: halves of pairs in the right place, and in the wrong one. */
const anyUnits = fc
  .array(fc.constantFrom(HIGH, LOW, "😀", "a", "é", "\ufeff", "\0", "\ud800", "\udfff"))
  .map((units) => units.join(""));

describe("text that comes in pieces", () => {
  test("is, put together, the whole text made well-formed, piece by piece well-formed", () => {
    fc.assert(
      fc.property(fc.array(anyUnits, { maxLength: 8 }), (pieces) => {
        const text = new WellFormed();
        const out = [...pieces.map((piece) => text.next(piece)), text.rest()];
        expect(out.every((piece) => piece.isWellFormed())).toBe(true);
        expect(out.join("")).toBe(pieces.join("").toWellFormed());
      }),
      { numRuns: 500 },
    );
  });

  test("is held back by one unit at most", () => {
    const text = new WellFormed();
    expect(text.next(`a${HIGH}`)).toBe("a");
    expect(text.next("")).toBe("");
    expect(text.next(`${LOW}b`)).toBe("😀b");
    expect(text.next(HIGH)).toBe("");
    expect(text.rest()).toBe("\ufffd");
    expect(text.rest()).toBe("");
  });
});

describe("chunks", () => {
  const anyItem = fc.oneof(
    anyUnits,
    fc.record({ event: fc.constantFrom("", "reasoning", "usage"), data: anyUnits }),
  );

  test("carry every kind of event on its own, in order", () => {
    fc.assert(
      fc.property(fc.array(anyItem, { maxLength: 12 }), (items) => {
        const chunks = new ToChunks();
        const out = [...items.map((item) => chunks.next(item)), ...chunks.rest()]
          .filter((chunk) => chunk !== undefined)
          .map((chunk) => fromChunk(chunk));
        const joined = (events: StreamEvent[], name: string): string =>
          events
            .filter(({ event }) => event === name)
            .map(({ data }) => data)
            .join("");
        const events = items.map((item) =>
          typeof item === "string" ? { event: "", data: item } : item,
        );
        for (const name of ["", "reasoning", "usage"]) {
          expect(joined(out, name)).toBe(joined(events, name).toWellFormed());
        }
      }),
    );
  });

  test("an emoji cut in two comes whole, behind what came in between", () => {
    const chunks = new ToChunks();
    const items = [`a${HIGH}`, { event: "tool_call", data: "{}" }, HIGH.slice(1), `${LOW}b`];
    const out = items.map((item) => chunks.next(item));
    expect(out).toEqual(["\x01a", "tool_call\x01{}", "\x01", "\x01😀b"]);
    expect(chunks.rest()).toEqual([]);
  });

  test("an item that is only a half waits; an empty one does not", () => {
    const chunks = new ToChunks();
    expect(chunks.next(HIGH)).toBeUndefined();
    expect(chunks.next({ event: "usage", data: HIGH })).toBeUndefined();
    expect(chunks.next("")).toBe("\x01");
    expect(chunks.rest()).toEqual(["\x01\ufffd", "usage\x01\ufffd"]);
  });

  test.each([
    [null],
    [undefined],
    [7],
    [true],
    [{}],
    [[]],
    [{ event: "usage" }],
    [{ data: "x" }],
    [{ event: 7, data: "x" }],
    [{ event: "usage", data: { a: 1 } }],
    [{ event: "done", data: "" }],
    [{ event: "error", data: "" }],
    [{ event: "a b", data: "" }],
    [{ event: "a\n\ndata: forged", data: "" }],
    [new Uint8Array(1)],
  ])("%j is no item of a source", (item) => {
    expect(() => new ToChunks().next(item as unknown as string)).toThrow(TypeError);
  });
});
