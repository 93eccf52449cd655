import type { UIMessageChunk } from "ai";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readByBoth } from "../../test/support/any-chunks.ts";
import { toUiChunks } from "./to-ui-chunks.ts";
import type { ChatItem } from "./to-ui-chunks.ts";

async function chunksOf(items: Iterable<ChatItem>, goesOn?: boolean): Promise<UIMessageChunk[]> {
  const chunks: UIMessageChunk[] = [];
  for await (const chunk of toUiChunks(from(items), "m", goesOn)) chunks.push(chunk);
  return chunks;
}
async function* from<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}
/** Types, with ids and deltas. */
const short = (chunks: UIMessageChunk[]): string[] =>
  chunks.map((chunk) => {
    const id = "id" in chunk ? ` ${chunk.id}` : "";
    const delta = "delta" in chunk ? `: ${chunk.delta}` : "";
    return `${chunk.type}${"messageId" in chunk ? ` ${chunk.messageId}` : ""}${id}${delta}`;
  });

const encoder = new TextEncoder();
const SOURCE: UIMessageChunk = { type: "source-url", sourceId: "s", url: "https://a.test/" };
const TRANSIENT: UIMessageChunk = { type: "data-progress", data: 1, transient: true };
const METADATA: UIMessageChunk = { type: "message-metadata", messageMetadata: { at: 1 } };
const PART_START: UIMessageChunk = { type: "text-start", id: "1" };
const PART: UIMessageChunk[] = [PART_START, { type: "text-end", id: "1" }];

test.each<[string, ChatItem[], string[]]>([
  ["nothing", [], ["start m", "finish"]],
  ["empty text", ["", new Uint8Array()], ["start m", "finish"]],
  [
    "text",
    ["a", "", "b"],
    [
      "start m",
      "text-start text-1",
      "text-delta text-1: a",
      "text-delta text-1: b",
      "text-end text-1",
      "finish",
    ],
  ],
  [
    "text around a part",
    ["a", SOURCE, "b"],
    [
      "start m",
      "text-start text-1",
      "text-delta text-1: a",
      "text-end text-1",
      "source-url",
      "text-start text-2",
      "text-delta text-2: b",
      "text-end text-2",
      "finish",
    ],
  ],
  [
    "text around what is no part",
    ["a", TRANSIENT, METADATA, "b"],
    [
      "start m",
      "text-start text-1",
      "text-delta text-1: a",
      "data-progress",
      "message-metadata",
      "text-delta text-1: b",
      "text-end text-1",
      "finish",
    ],
  ],
  [
    "chunks with all that belongs to them",
    [{ type: "start", messageId: "x" }, ...PART, { type: "finish" }],
    ["start x", "text-start 1", "text-end 1", "finish"],
  ],
  ["a start without an id", [{ type: "start" }, { type: "finish" }], ["start m", "finish"]],
  [
    "a start that comes late",
    [SOURCE, { type: "start", messageId: "x" }, { type: "finish" }],
    ["start m", "source-url", "start m", "finish"],
  ],
  [
    "a start behind what is no part",
    [TRANSIENT, { type: "start", messageId: "x" }, { type: "finish" }],
    ["data-progress", "start x", "finish"],
  ],
  [
    "two starts",
    [{ type: "start", messageId: "x" }, { type: "start", messageId: "y" }, { type: "finish" }],
    ["start x", "start x", "finish"],
  ],
  ["metadata first", [METADATA], ["start m", "message-metadata", "finish"]],
  ["parts alone", PART, ["start m", "text-start 1", "text-end 1", "finish"]],
  [
    "what comes after the finish",
    [...PART, { type: "finish" }, TRANSIENT],
    ["start m", "text-start 1", "text-end 1", "finish", "data-progress"],
  ],
  [
    "a start, and then text",
    [{ type: "start", messageId: "x" }, "a"],
    ["start x", "text-start text-1", "text-delta text-1: a", "text-end text-1", "finish"],
  ],
  [
    "bytes that end within a character",
    [encoder.encode("é").subarray(0, 1)],
    ["start m", "text-start text-1", "text-delta text-1: \ufffd", "text-end text-1", "finish"],
  ],
  [
    "a character in two pieces around a part",
    [encoder.encode("aé").subarray(0, 2), SOURCE, encoder.encode("é").subarray(1)],
    [
      "start m",
      "text-start text-1",
      "text-delta text-1: a",
      "text-end text-1",
      "source-url",
      "text-start text-2",
      "text-delta text-2: é",
      "text-end text-2",
      "finish",
    ],
  ],
  [
    "half a character, and then a string",
    [encoder.encode("é").subarray(0, 1), "b"],
    ["start m", "text-start text-1", "text-delta text-1: \ufffdb", "text-end text-1", "finish"],
  ],
])("%s", async (_, items, expected) => {
  expect(short(await chunksOf(items))).toEqual(expected);
});

describe("an answer that goes on in a message", () => {
  test.each<[string, ChatItem[], string[]]>([
    [
      "text gets a step of its own",
      ["a"],
      [
        "start m",
        "start-step",
        "text-start text-1",
        "text-delta text-1: a",
        "text-end text-1",
        "finish",
      ],
    ],
    ["parts do", PART, ["start m", "start-step", "text-start 1", "text-end 1", "finish"]],
    [
      "a step that there is, is enough",
      [{ type: "start-step" }, ...PART, { type: "finish-step" }],
      ["start m", "start-step", "text-start 1", "text-end 1", "finish-step", "finish"],
    ],
    [
      "a result comes before it",
      [{ type: "tool-output-available", toolCallId: "t", output: 1 }, "a"],
      [
        "start m",
        "tool-output-available",
        "start-step",
        "text-start text-1",
        "text-delta text-1: a",
        "text-end text-1",
        "finish",
      ],
    ],
  ])("%s", async (_, items, expected) => {
    expect(short(await chunksOf(items, true))).toEqual(expected);
  });
});

test.each<[string, ChatItem[], RegExp | typeof TypeError]>([
  ["an error", [{ type: "error", errorText: "boom" }], /^boom$/],
  ["an abort", [{ type: "abort" }], /aborted/],
  ["an abort with a reason", [{ type: "abort", reason: "boom" }], /^boom$/],
  ["a start and no finish", [{ type: "start" }, ...PART], /finish/],
  ["an open part", [PART_START], /finish/],
  ["an open call", [{ type: "tool-input-start", toolCallId: "t", toolName: "look" }], /finish/],
  ["an open step", [{ type: "start-step" }, ...PART], /finish/],
  ["text and an open step", ["a", { type: "start-step" }], /finish/],
  ["a number", [1 as never], TypeError],
  ["undefined", [undefined as never], TypeError],
  ["an object", [{ id: "1" } as never], TypeError],
  ["bytes of another kind", [new ArrayBuffer(1) as never], TypeError],
])("%s fails, behind what came before it", async (_, items, error) => {
  await expect(chunksOf(items)).rejects.toThrow(error);
  const chunks: UIMessageChunk[] = [];
  const all = toUiChunks(from<ChatItem>(["a", ...items]), "m");
  await expect(
    (async () => {
      for await (const chunk of all) chunks.push(chunk);
    })(),
  ).rejects.toThrow(error);
  expect(short(chunks).slice(0, 3)).toEqual([
    "start m",
    "text-start text-1",
    "text-delta text-1: a",
  ]);
});

test("what is no generation is refused", async () => {
  for (const none of [undefined, null, {}, "text", ["a"], { textStream: from(["a"]) }]) {
    await expect(toUiChunks(none as never, "m").next()).rejects.toThrow(TypeError);
  }
});

test("who leaves it leaves the generation", async () => {
  let isLeft = false;
  async function* endless(): AsyncGenerator<string> {
    try {
      for (;;) yield "a";
    } finally {
      isLeft = true;
    }
  }
  const chunks = toUiChunks(endless(), "m", true);
  await chunks.next();
  await chunks.return();
  expect(isLeft).toBe(true);
});

test("text comes through whole, however it is cut", async () => {
  const anyText = fc.string({ unit: "grapheme", maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(anyText, fc.array(fc.nat(60)), fc.boolean(), async (text, at, asBytes) => {
      const whole = asBytes ? encoder.encode(text) : text;
      const cuts = [0, ...at.filter((it) => it < whole.length).sort((a, b) => a - b), whole.length];
      const pieces = cuts.slice(1).map((end, index) => whole.slice(cuts[index], end));
      for (const { message } of await readByBoth(await chunksOf(pieces))) {
        const part = message?.parts[0];
        expect(part?.type === "text" ? part.text : "").toBe(text);
        expect(message?.parts.length).toBe(text === "" ? 0 : 1);
      }
    }),
  );
});
