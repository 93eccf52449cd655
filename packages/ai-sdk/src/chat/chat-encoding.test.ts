import type { StreamStatus } from "@streambed/core";
import { toChunk } from "@streambed/core";
import { SseDecoder } from "@streambed/core/codec";
import type { UIMessage, UIMessageChunk } from "ai";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyAnswer, readByBoth, statesOf } from "../../test/support/any-chunks.ts";
import { ChatEncoding } from "./chat-encoding.ts";
import type { ChatEncodingOptions } from "./chat-encoding.ts";

const CHUNKS: UIMessageChunk[] = [
  { type: "start", messageId: "m" },
  { type: "text-start", id: "1" },
  { type: "text-delta", id: "1", delta: "a\n\r\n\u2028😀" },
];
const ENDS: Record<StreamStatus["state"], UIMessageChunk[]> = {
  active: [],
  done: [],
  stopped: [{ type: "text-end", id: "1" }, { type: "abort" }],
  error: [
    { type: "text-end", id: "1" },
    { type: "error", errorText: "boom" },
  ],
};
const BASE: UIMessage = {
  id: "m",
  role: "assistant",
  parts: [{ type: "text", text: "before", state: "done" }],
};

/** What a reader gets, as [id, chunk]; `[DONE]` as it is. */
function sent(
  encoding: ChatEncoding,
  stored: readonly string[],
  state: StreamStatus["state"] = "done",
): [string, unknown][] {
  const status: StreamStatus = { state, totalChunks: stored.length, error: "boom" };
  const text = [
    encoding.begin("s"),
    ...stored.map((data, index) => encoding.chunk({ seq: index + 1, data })),
    encoding.end(status),
  ].join("");
  const events = new SseDecoder().decode(text);
  let last = "";
  return events.map(({ lastEventId, event, data }) => {
    expect(event).toBe("");
    const id = lastEventId === last ? "" : lastEventId;
    last = lastEventId;
    return [id, data === "[DONE]" ? data : JSON.parse(data)];
  });
}
const asJson = (chunks: readonly UIMessageChunk[]) => chunks.map((chunk) => JSON.stringify(chunk));

describe.each(["done", "stopped", "error"] as const)("a stream that is %s", (state) => {
  const end = [...ENDS[state], "[DONE]"].map((chunk) => ["", chunk]);

  test("is its chunks with their seqs, what closes them, and how it ended", () => {
    const chunks = CHUNKS.map((chunk, index) => [String(index + 1), chunk]);
    for (const replaysBase of [true, false]) {
      expect(sent(new ChatEncoding({ replaysBase }), asJson(CHUNKS), state)).toEqual([
        ...chunks,
        ...end,
      ]);
    }
  });

  test("is told from a cursor on, with what was open before it", () => {
    const rest = (after: number) =>
      sent(new ChatEncoding({ after, replaysBase: false }), asJson(CHUNKS), state);
    expect(rest(2)).toEqual([["3", CHUNKS[2]], ...end]);
    expect(rest(3)).toEqual(end);
  });
});

test("chunks with the engine's mark are the same, events with a name for nobody", () => {
  const stored = [
    toChunk({ event: "usage", data: "{}" }),
    ...asJson(CHUNKS).map((data) => toChunk({ event: "", data })),
  ];
  expect(sent(new ChatEncoding({ replaysBase: false }), stored)).toEqual([
    ...CHUNKS.map((chunk, index) => [String(index + 2), chunk]),
    ["", "[DONE]"],
  ]);
});

describe("an answer that goes on with a message", () => {
  const place = toChunk({ event: "place", data: JSON.stringify({ questionId: "q", base: BASE }) });
  const before = [
    { type: "start", messageId: "m" },
    { type: "text-start", id: "replayed-0" },
    { type: "text-delta", id: "replayed-0", delta: "before" },
    { type: "text-end", id: "replayed-0" },
  ].map((chunk) => ["", chunk]);
  const [start] = CHUNKS as [UIMessageChunk];

  const begun = [
    ["2", start],
    ["", "[DONE]"],
  ];

  test.each<[string, ChatEncodingOptions, unknown[]]>([
    ["who begins anew gets all of it", { replaysBase: true }, [...before, ...begun]],
    ["who asked has it", { replaysBase: false }, begun],
    ["who was cut off before the first chunk has it", { after: 0, replaysBase: false }, begun],
    ["who goes on has it, too", { after: 1, replaysBase: false }, begun],
    ["and may have the rest", { after: 2, replaysBase: false }, [["", "[DONE]"]]],
  ])("%s", (_, options, expected) => {
    expect(sent(new ChatEncoding(options), [place, ...asJson([start])])).toEqual(expected);
  });

  test("it goes out in one piece with the first chunk, and what closes an answer with `[DONE]`", () => {
    const encoding = new ChatEncoding({ replaysBase: true });
    encoding.begin("s");
    const pieces = [place, ...asJson(CHUNKS)].map((data, index) =>
      encoding.chunk({ seq: index + 1, data }),
    );
    expect(pieces[0]).toBe("");
    expect(pieces[1]).toMatch(/"replayed-0"[^]*id: 2\n.*\n\n$/);
    const end = encoding.end({ state: "stopped", totalChunks: 4 });
    expect(end).toMatch(/"text-end"[^]*"abort"[^]*data: \[DONE\]\n\n$/);
  });

  test("ends before it has begun", () => {
    expect(sent(new ChatEncoding({ replaysBase: true }), [place], "error")).toEqual([
      ...before,
      ["", { type: "error", errorText: "boom" }],
      ["", "[DONE]"],
    ]);
  });

  test("comes in pieces, and may be cut off", () => {
    const json = JSON.stringify({ base: BASE });
    const pieces = [json.slice(0, 9), json.slice(9)].map((data) =>
      toChunk({ event: "place", data }),
    );
    expect(sent(new ChatEncoding({ replaysBase: true }), [...pieces, ...asJson([start])])).toEqual([
      ...before,
      ["3", start],
      ["", "[DONE]"],
    ]);
    expect(sent(new ChatEncoding({ replaysBase: true }), pieces.slice(0, 1), "stopped")).toEqual([
      ["", { type: "abort" }],
      ["", "[DONE]"],
    ]);
  });

  test("a place without a message is nothing to be sent", () => {
    const nowhere = toChunk({ event: "place", data: '{"questionId":"q"}' });
    expect(sent(new ChatEncoding({ replaysBase: true }), [nowhere])).toEqual([["", "[DONE]"]]);
  });
});

test("a reader that cannot go on is told so, without `[DONE]`, and nothing of the cause", () => {
  expect(new ChatEncoding({ replaysBase: false }).failure()).toBe(
    'data: {"type":"error","errorText":"the answer cannot be read at the moment"}\n\n',
  );
});

test.each(["hello", "null", "{"])("a stored chunk that is none (%j) is refused", (data) => {
  expect(() => new ChatEncoding({ replaysBase: false }).chunk({ seq: 1, data })).toThrow();
});

test("wherever an answer is stopped, both versions' clients take it, and nothing stays open", async () => {
  await fc.assert(
    fc.asyncProperty(anyAnswer, fc.nat(40), async (answer, length) => {
      const stored = asJson(answer.slice(0, length));
      const chunks = sent(new ChatEncoding({ replaysBase: false }), stored, "stopped").slice(0, -1);
      for (const { message } of await readByBoth(
        chunks.map(([, chunk]) => chunk as UIMessageChunk),
      )) {
        expect(statesOf(message).filter((state) => state?.endsWith("streaming"))).toEqual([]);
      }
    }),
  );
});
