import fc from "fast-check";
import { expect, test } from "vitest";
import { anyText } from "../../test/support/texts.ts";
import { CONTROL_EVENTS, fromChunk, isEventName, toChunk } from "./stream-event.ts";

const CONTROLS = Object.values(CONTROL_EVENTS);
const anyName = fc.oneof(
  fc.constant(""),
  fc.stringMatching(/^[A-Za-z0-9_.-]{1,64}$/).filter((name) => isEventName(name)),
);

test("an event comes back as it was", () => {
  fc.assert(
    fc.property(anyName, anyText, (event, data) => {
      expect(fromChunk(toChunk({ event, data }))).toEqual({ event, data });
    }),
  );
});

test("whatever is stored, no chunk poses as a control event or has a name that is not allowed", () => {
  const anyHead = fc.oneof(fc.constantFrom(...CONTROLS), anyText, fc.constant("x".repeat(65)));
  fc.assert(
    fc.property(anyHead, anyText, (head, tail) => {
      const chunk = `${head}\x01${tail}`;
      const { event, data } = fromChunk(chunk);
      expect(event === "" || isEventName(event)).toBe(true);
      expect([data, `${event}\x01${data}`]).toContain(chunk);
    }),
  );
});

test("a chunk without a separator is text, as older writers stored it", () => {
  for (const data of ["", "hello", "done", "usage", "data: x\n\n"]) {
    expect(fromChunk(data)).toEqual({ event: "", data });
  }
});

test.each([...CONTROLS, "a b", "a\n", "a:b", "ä", "x".repeat(65), "\x01", " "])(
  "%j is not the name of an event",
  (event) => {
    expect(isEventName(event)).toBe(false);
    expect(() => toChunk({ event, data: "x" })).toThrow(TypeError);
    expect(fromChunk(`${event}\x01x`).event).toBe("");
  },
);

test.each(["a", "tool_call", "tool-call", "data", "id", "Done", "x".repeat(64), "..", "toString"])(
  "%j is",
  (event) => {
    expect(isEventName(event)).toBe(true);
  },
);
