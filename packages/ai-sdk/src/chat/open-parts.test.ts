import { lastAssistantMessageIsCompleteWithToolCalls as isComplete7 } from "ai";
import type { UIMessageChunk } from "ai";
import { lastAssistantMessageIsCompleteWithToolCalls as isComplete6 } from "ai6";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyAnswer, readByBoth, statesOf } from "../../test/support/any-chunks.ts";
import { OpenParts } from "./open-parts.ts";

function seen(chunks: readonly UIMessageChunk[]): OpenParts {
  const open = new OpenParts();
  for (const chunk of chunks) open.see(JSON.stringify(chunk));
  return open;
}

const START: UIMessageChunk = { type: "start", messageId: "m" };
const TEXT: UIMessageChunk = { type: "text-start", id: "1" };
const DELTA: UIMessageChunk = { type: "text-delta", id: "1", delta: "a" };
const TEXT_END: UIMessageChunk = { type: "text-end", id: "1" };
const CALL = { toolCallId: "t", toolName: "look" };
const CALL_START: UIMessageChunk = { type: "tool-input-start", ...CALL };
const CALL_END = {
  type: "tool-input-error" as const,
  ...CALL,
  input: {},
  errorText: "the call was not finished",
};

describe("close", () => {
  test.each<[string, UIMessageChunk[], UIMessageChunk[]]>([
    ["nothing", [], []],
    ["text", [TEXT, DELTA], [TEXT_END]],
    ["text that has ended", [TEXT, DELTA, TEXT_END], []],
    ["reasoning", [{ type: "reasoning-start", id: "1" }], [{ type: "reasoning-end", id: "1" }]],
    [
      "text and reasoning of one id",
      [TEXT, { type: "reasoning-start", id: "1" }, TEXT_END],
      [{ type: "reasoning-end", id: "1" }],
    ],
    ["a call", [CALL_START], [CALL_END]],
    [
      "a dynamic call",
      [{ type: "tool-input-start", ...CALL, dynamic: true }],
      [{ ...CALL_END, dynamic: true }],
    ],
    [
      "a call that has its input",
      [CALL_START, { type: "tool-input-available", ...CALL, input: 1 }],
      [],
    ],
    ["a call that was bad", [CALL_START, CALL_END], []],
    ["several, in their order", [CALL_START, TEXT], [CALL_END, TEXT_END]],
    ["a step that was taken back", [TEXT, CALL_START, { type: "reset-step" }], []],
    ["text that outlasted its step", [TEXT, { type: "finish-step" }], []],
    ["text that goes on after its step", [TEXT, { type: "finish-step" }, DELTA], [TEXT_END]],
    ["a call that outlasted its step", [CALL_START, { type: "finish-step" }], [CALL_END]],
    ["text with the id of one that is over", [TEXT, TEXT_END, TEXT], [TEXT_END]],
  ])("%s", (_, chunks, closing) => {
    const open = seen(chunks);
    expect(open.close()).toEqual(closing);
    expect(open.close()).toEqual([]);
  });

  test("text alone, and then the rest", () => {
    const open = seen([CALL_START, TEXT]);
    expect([open.closeTexts(), open.closeTexts(), open.close()]).toEqual([
      [TEXT_END],
      [],
      [CALL_END],
    ]);
  });

  test("whatever came: both versions' clients take it, and show nothing as being written", async () => {
    await fc.assert(
      fc.asyncProperty(anyAnswer, async (chunks) => {
        for (const { message } of await readByBoth([...chunks, ...seen(chunks).close()])) {
          expect(statesOf(message).filter((state) => state?.endsWith("streaming"))).toEqual([]);
        }
      }),
    );
  });

  test("a chunk whose JSON begins otherwise", () => {
    const open = seen([TEXT, { type: "finish-step" }]);
    open.see('{"id":"1","delta":"a","type":"text-delta"}');
    expect(open.close()).toEqual([TEXT_END]);
  });

  test.each(["", "hello", "null", "{"])("a chunk that is none (%j) is refused", (json) => {
    expect(() => new OpenParts().see(json)).toThrow();
  });
});

describe("closeForGood", () => {
  const STEP: UIMessageChunk = { type: "start-step" };
  test.each<[string, UIMessageChunk[], UIMessageChunk[]]>([
    ["text alone", [START, STEP, TEXT], [TEXT_END]],
    ["a call", [START, STEP, CALL_START], [CALL_END, STEP, START]],
    [
      "a call before text in the same step",
      [START, CALL_START, CALL_END, TEXT],
      [TEXT_END, STEP, START],
    ],
    ["a call in an earlier step", [START, CALL_START, CALL_END, STEP, TEXT], [TEXT_END]],
    ["a step that has just begun", [START, CALL_START, CALL_END, STEP], [START]],
    [
      "calls in two steps",
      [START, CALL_START, CALL_END, STEP, CALL_START],
      [CALL_END, STEP, START],
    ],
    ["a call that was taken back", [START, STEP, CALL_START, { type: "reset-step" }], []],
    ["a message without an id", [{ type: "start" }, CALL_START], [CALL_END]],
  ])("%s", (_, chunks, closing) => {
    expect(seen(chunks).closeForGood()).toEqual(closing);
  });

  test("an answer that goes on in a message, before it does", () => {
    const open = new OpenParts();
    open.goesOnIn("m");
    expect(open.closeForGood()).toEqual([STEP, START]);
    for (const chunk of [STEP, TEXT]) open.note(chunk);
    expect(open.closeForGood()).toEqual([TEXT_END]);
  });

  test("whatever came: neither version's client sends results by itself, nor sees more than before", async () => {
    await fc.assert(
      fc.asyncProperty(anyAnswer, async (chunks) => {
        const good = await readByBoth([...chunks, ...seen(chunks).closeForGood()]);
        const plain = await readByBoth([...chunks, ...seen(chunks).close()]);
        for (const [index, { version, message }] of good.entries()) {
          const messages = message === undefined ? [] : [message];
          const isComplete = version === 6 ? isComplete6 : isComplete7;
          expect(isComplete({ messages } as never)).toBe(false);
          const parts = (it = message) => it?.parts.filter(({ type }) => type !== "step-start");
          expect(parts()).toEqual(parts(plain[index]?.message));
        }
      }),
    );
  });
});
