import type { UIMessage } from "ai";
import fc from "fast-check";
import { expect, test } from "vitest";
import { anyAnswer, readByBoth } from "../../test/support/any-chunks.ts";
import { OpenParts } from "./open-parts.ts";
import { toMessage } from "./to-message.ts";

const json = (value: unknown): unknown =>
  value === undefined ? undefined : JSON.parse(JSON.stringify(value));
const stored = (...chunks: object[]): string[] => chunks.map((chunk) => JSON.stringify(chunk));
const START = { type: "start", messageId: "m" };

test("is what a client shows, with all that was open closed", async () => {
  await fc.assert(
    fc.asyncProperty(anyAnswer, fc.nat(40), async (answer, length) => {
      const chunks = answer.slice(0, length);
      const open = new OpenParts();
      for (const chunk of chunks) open.note(chunk);
      const [, shown] = await readByBoth([...chunks, ...open.close()]);
      const message = await toMessage(stored(...chunks));
      const hasContent = shown?.message?.parts.some(
        (part) => part.type !== "step-start" && !("text" in part && part.text === ""),
      );
      // Trailing steps are noticed with the next part, which closing may be.
      const parts = (it: UIMessage | undefined) => json({ ...it, parts: withoutLastSteps(it) });
      expect(parts(message)).toEqual(parts(hasContent === true ? shown?.message : undefined));
    }),
  );
});

function withoutLastSteps(message: UIMessage | undefined): UIMessage["parts"] {
  const parts = message?.parts ?? [];
  const last = parts.findLastIndex(({ type }) => type !== "step-start");
  return parts.slice(0, last + 1);
}

test.each<[string, string[]]>([
  ["no chunks", []],
  ["a start alone", stored(START)],
  ["a step alone", stored(START, { type: "start-step" })],
  ["empty text", stored(START, { type: "text-start", id: "1" }, { type: "text-end", id: "1" })],
  ["what is transient", stored(START, { type: "data-x", data: 1, transient: true })],
])("%s is no message", async (_, chunks) => {
  expect(await toMessage(chunks)).toBe(undefined);
});

const TEXT = stored(
  START,
  { type: "text-start", id: "1" },
  { type: "text-delta", id: "1", delta: "a" },
);
test.each<[string, string[]]>([
  ["a delta of nothing", stored({ type: "text-delta", id: "2", delta: "b" })],
  ["an end of nothing", stored({ type: "text-end", id: "2" })],
  ["a result of nothing", stored({ type: "tool-output-available", toolCallId: "t", output: 1 })],
  ["an error", stored({ type: "error", errorText: "boom" })],
  ["no type", stored({ id: "1" })],
  ["null", ["null"]],
  ["a number", ["1"]],
  ["no JSON", ["{"]],
])("%s ends the message where it comes", async (_, chunks) => {
  const message = await toMessage([
    ...TEXT,
    ...chunks,
    ...stored({ type: "text-delta", id: "1", delta: "b" }),
  ]);
  expect(message).toMatchObject({
    id: "m",
    parts: [{ type: "text", text: expect.stringMatching(/^ab?$/), state: "done" }],
  });
});

test("never rejects", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(fc.json(), fc.string())), async (chunks) => {
      await toMessage([...TEXT, ...chunks]);
    }),
  );
});

test("an unfinished call gets an input that models take", async () => {
  const call = { toolCallId: "t", toolName: "look" };
  const message = await toMessage(
    stored(
      START,
      { type: "tool-input-start", ...call },
      { type: "tool-input-delta", toolCallId: "t", inputTextDelta: '{"at":[' },
    ),
  );
  expect(message?.parts).toMatchObject([
    { type: "tool-look", state: "output-error", input: {}, errorText: "the call was not finished" },
  ]);
  expect(message?.parts[0]).not.toHaveProperty("rawInput");
});

test("goes on with `base`, and leaves it as it was", async () => {
  const base: UIMessage = {
    id: "m",
    role: "assistant",
    metadata: { at: 1 },
    parts: [
      { type: "tool-look", toolCallId: "t", state: "output-available", input: {}, output: 1 },
    ],
  };
  const before = structuredClone(base);
  const chunks = [
    ...TEXT,
    ...stored({ type: "message-metadata", messageMetadata: { by: 2 } }),
    ...stored({ type: "tool-output-available", toolCallId: "t", output: 2 }),
  ];
  expect(await toMessage(chunks, base)).toMatchObject({
    id: "m",
    metadata: { at: 1, by: 2 },
    parts: [{ output: 2 }, { type: "text", text: "a", state: "done" }],
  });
  expect(base).toEqual(before);
});
