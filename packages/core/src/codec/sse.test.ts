import { createParser } from "eventsource-parser";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyLine, anyText, cutBytes, cutText } from "../../test/support/texts.ts";
import { encodeSse, encodeSseComment } from "./encode-sse.ts";
import type { SseEvent } from "./encode-sse.ts";
import { SseDecoder } from "./sse-decoder.ts";
import type { DecodedSseEvent } from "./sse-decoder.ts";

const anyEvent: fc.Arbitrary<SseEvent> = fc.record(
  { id: anyLine, event: anyLine, data: anyText },
  { requiredKeys: ["data"] },
);
const anyCuts = fc.array(fc.nat(), { maxLength: 8 });

function decodeAll(texts: readonly string[]): DecodedSseEvent[] {
  const decoder = new SseDecoder();
  return texts.flatMap((text) => decoder.decode(text));
}

/** What another parser makes of it, in our words. */
function decodeElsewhere(texts: readonly string[]): DecodedSseEvent[] {
  const events: DecodedSseEvent[] = [];
  let lastEventId = "";
  const parser = createParser({
    onId: (id) => void (lastEventId = id),
    onEvent: ({ event = "", data }) => void events.push({ lastEventId, event, data }),
  });
  for (const text of texts) parser.feed(text);
  return events;
}

/** What was encoded, as a reader has to get it. */
function expected(events: readonly SseEvent[]): DecodedSseEvent[] {
  let lastEventId = "";
  return events.map(({ id, event = "", data }) => {
    lastEventId = id ?? lastEventId;
    return { lastEventId, event, data };
  });
}

function withLineFeeds(events: DecodedSseEvent[]): DecodedSseEvent[] {
  return events.map((event) => ({ ...event, data: event.data.replaceAll(/\r\n?/g, "\n") }));
}

describe("an encoded stream", () => {
  const anyStream = fc.array(fc.oneof(anyEvent, anyLine), { maxLength: 6 });

  function encode(stream: readonly (SseEvent | string)[]): { text: string; events: SseEvent[] } {
    const text = stream
      .map((item) => (typeof item === "string" ? encodeSseComment(item) : encodeSse(item)))
      .join("");
    return { text, events: stream.filter((item) => typeof item !== "string") };
  }

  test("comes back as it was, wherever it is cut", () => {
    fc.assert(
      fc.property(anyStream, anyCuts, (stream, cuts) => {
        const { text, events } = encode(stream);
        expect(decodeAll(cutText(text, cuts))).toEqual(expected(events));
        expect(decodeAll(cutBytes(text, cuts))).toEqual(expected(events));
      }),
      { numRuns: 300 },
    );
  });

  test("forges nothing in another parser, which sees each CR as a line feed", () => {
    fc.assert(
      fc.property(anyStream, anyCuts, (stream, cuts) => {
        const { text, events } = encode(stream);
        expect(decodeElsewhere(cutText(text, cuts))).toEqual(withLineFeeds(expected(events)));
      }),
      { numRuns: 300 },
    );
  });

  test("with a break anywhere is one event per event, cut into single characters too", () => {
    const datas = ["", "\r", "\n", "\r\n", "\n\r", "a\r", "\ra", "\r\r\n\n", " a", "\ufeff", "\0"];
    const text = datas.map((data) => encodeSse({ id: "1", data })).join("");
    for (const texts of [[text], text.split("")]) {
      expect(decodeAll(texts).map(({ data }) => data)).toEqual(datas);
      expect(decodeElsewhere(texts).map(({ data }) => data)).toEqual(
        datas.map((data) => data.replaceAll(/\r\n?/g, "\n")),
      );
    }
  });
});

test("on the wire: the fields in order, a line of data each", () => {
  expect(encodeSse({ id: "7", event: "usage", data: "a\nb" })).toBe(
    "id: 7\nevent: usage\ndata: a\ndata: b\n\n",
  );
  expect(encodeSse({ data: "" })).toBe("data: \n\n");
  expect(encodeSse({ event: "", data: "x" })).toBe("data: x\n\n");
  expect(encodeSse({ id: "", data: "x" })).toBe("id: \ndata: x\n\n");
  expect(encodeSse({ data: "a\r\nb\rc" })).toBe(
    'exact: "a\\r\\nb\\rc"\ndata: a\ndata: b\ndata: c\n\n',
  );
  expect(encodeSseComment("heartbeat")).toBe(": heartbeat\n\n");
});

test.each(["\r", "\n", "\0", "a\r\nb", "1\n\ndata: forged"])(
  "an id, a name or a comment with %j is refused",
  (text) => {
    expect(() => encodeSse({ id: text, data: "" })).toThrow(TypeError);
    expect(() => encodeSse({ event: text, data: "" })).toThrow(TypeError);
    expect(() => encodeSseComment(text)).toThrow(TypeError);
  },
);

describe("the decoder, on what others send", () => {
  const LINES = [
    ..."data data: data:a data:b event:x event: event:y id:1 id: id id:\0 : :c x:y".split(" "),
    "",
    "data: a",
    "data:  a ",
    " data: a",
    "Data: a",
    "event",
    "retry: 1",
    "\ufeffdata: a",
    "😀",
  ];
  const anyWire = fc
    .array(fc.tuple(fc.constantFrom(...LINES), fc.constantFrom("\n", "\r", "\r\n", "\n\n", "\r\r")))
    .map((lines) => lines.flat().join(""));

  test("agrees with another parser, however lines end and wherever they are cut", () => {
    fc.assert(
      fc.property(anyWire, fc.boolean(), anyCuts, (wire, bom, cuts) => {
        const texts = cutText(bom ? `\ufeff${wire}` : wire, cuts);
        expect(decodeAll(texts)).toEqual(decodeElsewhere(texts));
      }),
      { numRuns: 500 },
    );
  });

  test("does not hold an event back because a line feed could follow", () => {
    const decoder = new SseDecoder();
    expect(decoder.decode("data: a\r\r")).toHaveLength(1);
    expect(decoder.decode("")).toEqual([]);
    expect(decoder.decode("\ndata: b\r\n\r")).toHaveLength(1);
    expect(decoder.decode("\ndata: c\n\n")).toHaveLength(1);
  });

  test("gives no event that is not finished", () => {
    for (const text of ["data: a", "data: a\n", "id: 1\n\n", ": a\n\n", "event: x\n\n", "\n\n\n"]) {
      expect(decodeAll([text])).toEqual([]);
    }
  });

  test.each([
    ["no JSON", "exact: nope\ndata: a\n\n"],
    ["cut JSON", 'exact: "a\ndata: a\n\n'],
    ["a number", "exact: 5\ndata: a\n\n"],
    ["null", "exact: null\ndata: a\n\n"],
    ["an object", 'exact: {"a":"b"}\ndata: a\n\n'],
    ["nothing", "exact\ndata: a\n\n"],
    ["another event's", 'exact: "x"\n\ndata: a\n\n'],
  ])("an `exact` that is %s leaves the data as it is", (_, text) => {
    expect(decodeAll([text])).toEqual([{ lastEventId: "", event: "", data: "a" }]);
  });

  test("takes a line of 1 MB in small pieces in linear time", () => {
    const decoder = new SseDecoder();
    const piece = "é".repeat(128);
    const start = performance.now();
    decoder.decode("data: ");
    for (let i = 0; i < 4096; i++) decoder.decode(piece);
    const [event] = decoder.decode("\n\n");
    expect(event?.data.length).toBe(128 * 4096);
    // Quadratic, it takes ten seconds.
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
