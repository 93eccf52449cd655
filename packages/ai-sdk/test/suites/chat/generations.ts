import { ReadableStream as NodeReadableStream } from "node:stream/web";
import { createUIMessageStream, streamText } from "ai";
import type { UIMessageChunk } from "ai";
import { describe, expect, test } from "vitest";
import type { Generate } from "../../../src/index.ts";
import { openChat } from "../../support/chat-client.ts";
import type { ChatVersion } from "../../support/chat-client.ts";
import { chatServer } from "../../support/chat-server.ts";
import { finishParts, scriptedModel, textParts } from "../../support/scripted-model.ts";

type Item = string | Uint8Array | UIMessageChunk;

const encoder = new TextEncoder();
const TEXT: UIMessageChunk[] = [
  { type: "text-start", id: "1" },
  { type: "text-delta", id: "1", delta: "Hel" },
  { type: "text-delta", id: "1", delta: "lo" },
  { type: "text-end", id: "1" },
];

async function* each<T>(...items: T[]): AsyncGenerator<T> {
  yield* items;
}
const streamOf = (...items: Item[]) => NodeReadableStream.from(items) as ReadableStream<Item>;
/** What OpenAI's SDK hands out. */
const completion = () =>
  each(
    { choices: [{ delta: { role: "assistant", content: "" } }] },
    { choices: [{ delta: { content: "Hel" } }] },
    { choices: [{ delta: { content: "lo" } }] },
    { choices: [{ delta: {} }] },
    { choices: [] },
  ) as AsyncIterable<{ choices: { delta: { content?: string } }[] }>;

/** What `generate` may hand in, and what becomes of it on the page. */
export function generations(version: ChatVersion): void {
  const { spec } = version;
  const hello = () => scriptedModel(spec, [...textParts("Hel", "lo"), ...finishParts()]).model;
  // oxlint-disable-next-line typescript/no-deprecated -- AI SDK 6 has no other name for it
  const uiStream = () => streamText({ model: hello(), prompt: "hi" }).toUIMessageStream();

  async function generated(generate: Generate) {
    const server = chatServer({ generate });
    const opened = openChat(version, server);
    await opened.chat.sendMessage({ text: "hi" });
    await expect.poll(() => server.active.get("c1")).toBe(null);
    const { chat, parts } = opened;
    return { ...opened, server, seen: [chat.status, ...parts(), chat.error?.message ?? ""] };
  }

  describe("`generate`", () => {
    test.each<[string, Generate]>([
      ["strings", () => each("Hel", "", "lo")],
      ["bytes", () => each(encoder.encode("Hel"), new Uint8Array(), encoder.encode("lo"))],
      ["a stream of strings", () => streamOf("Hel", "lo")],
      ["a stream of bytes", () => streamOf(encoder.encode("Hel"), encoder.encode("lo"))],
      ["a stream through an encoder", () => streamOf("Hel", "lo").pipeThrough(textEncoder())],
      ["a promise of a generator", async () => each("Hel", "lo")],
      ["a promise of a stream", async () => streamOf("Hel", "lo")],
      ["the AI SDK's answer", () => uiStream()],
      ["a promise of it", async () => uiStream()],
      // oxlint-disable-next-line typescript/no-deprecated -- AI SDK 6 has no other name for it
      ["its text", () => streamText({ model: hello(), prompt: "hi" }).textStream],
      ["chunks", () => each<Item>({ type: "start" }, ...TEXT, { type: "finish" })],
      ["chunks alone", () => each(...TEXT)],
      ["a stream that is written to", () => createUIMessageStream({ execute: writeText })],
      [
        "one into which another is merged",
        () => createUIMessageStream({ execute: ({ writer }) => writer.merge(uiStream()) }),
      ],
      [
        "OpenAI's SDK, chunk by chunk",
        async function* () {
          for await (const { choices } of completion()) yield choices[0]?.delta.content ?? "";
        },
      ],
    ])("%s", async (_, generate) => {
      const { seen, chat, finished } = await generated(generate);
      expect(seen).toEqual(["ready", "text done: Hello", ""]);
      expect(chat.messages.map(({ role }) => role)).toEqual(["user", "assistant"]);
      expect(finished).toMatchObject([{ isError: false, isAbort: false }]);
    });

    test.each<[string, () => Item[]]>([
      ["two strings", () => ["a\ud83d", "\ude00b"]],
      ["two pieces of bytes", () => cut(encoder.encode("a😀b"), 3)],
      [
        "pieces of one byte each",
        () => [...encoder.encode("a😀b")].map((byte) => new Uint8Array([byte])),
      ],
    ])("an emoji cut across %s", async (_, items) => {
      expect((await generated(() => each(...items()))).seen).toEqual([
        "ready",
        "text done: a😀b",
        "",
      ]);
    });

    test("bytes that end within a character", async () => {
      const { seen } = await generated(() => each(encoder.encode("a😀").subarray(0, 3)));
      expect(seen).toEqual(["ready", "text done: a\ufffd", ""]);
    });

    test("nothing at all is an empty answer", async () => {
      const { seen, chat } = await generated(() => each());
      expect(seen).toEqual(["ready", ""]);
      expect(chat.lastMessage).toMatchObject({ role: "assistant", parts: [] });
    });

    test("text, chunks and text again", async () => {
      const { seen } = await generated(() =>
        each<Item>(
          "a",
          { type: "data-progress", data: 1, transient: true },
          { type: "message-metadata", messageMetadata: { at: 1 } },
          "b",
          { type: "source-url", sourceId: "s", url: "https://a.test/" },
          encoder.encode("c"),
        ),
      );
      expect(seen).toEqual(["ready", "text done: ab", "source-url", "text done: c", ""]);
    });

    test("data, transient or not, and metadata", async () => {
      const data: unknown[] = [];
      const server = chatServer({
        generate: () =>
          each<UIMessageChunk>(
            { type: "data-progress", data: 1, transient: true },
            { type: "start", messageId: "mine", messageMetadata: { model: "m" } },
            { type: "data-place", id: "p", data: { at: 1 } },
            ...TEXT,
            { type: "data-place", id: "p", data: { at: 2 } },
            { type: "finish", finishReason: "length", messageMetadata: { tokens: 3 } },
          ),
      });
      const { chat, parts, finished } = openChat(version, server, {
        onData: (part) => void data.push([part.type, part.data]),
      });
      await chat.sendMessage({ text: "hi" });
      expect([chat.status, ...parts()]).toEqual(["ready", "data-place", "text done: Hello"]);
      expect(chat.lastMessage).toMatchObject({
        id: "mine",
        metadata: { model: "m", tokens: 3 },
        parts: [{ type: "data-place", data: { at: 2 } }, {}],
      });
      expect(finished).toMatchObject([{ finishReason: "length" }]);
      expect(data).toEqual([
        ["data-progress", 1],
        ["data-place", { at: 1 }],
        ["data-place", { at: 2 }],
      ]);
    });

    test("streams that were merged each begin the one message", async () => {
      const { chat, seen } = await generated(() =>
        createUIMessageStream({
          execute({ writer }) {
            writer.write({ type: "data-place", data: 1 });
            writer.merge(streamOf(...TEXT, { type: "start", messageId: "x" }) as never);
            writer.write({ type: "finish" });
          },
        }),
      );
      expect(seen).toEqual(["ready", "data-place", "text done: Hello", ""]);
      expect(chat.messages).toHaveLength(2);
    });

    const broken = async function* (): AsyncGenerator<Item> {
      yield "a";
      throw new Error("boom");
    };
    const boom = (): never => {
      throw new Error("boom");
    };
    const unfinished = "the generation ended without a `finish` chunk";
    const refused = "`generate` must yield strings, bytes or UI message chunks";
    test.each<[string, Generate, string[]]>([
      ["throws at once", boom, ["boom"]],
      ["rejects", async () => boom(), ["boom"]],
      ["throws in the middle", broken, ["text done: a", "boom"]],
      [
        "hands in a stream that breaks",
        () => NodeReadableStream.from(broken()),
        ["text done: a", "boom"],
      ],
      [
        "ends after `start`",
        () => each<Item>({ type: "start" }, ...TEXT),
        ["text done: Hello", unfinished],
      ],
      ["ends within a part", () => each(...TEXT.slice(0, 2)), ["text done: Hel", unfinished]],
      [
        "ends within a step",
        () => each<Item>({ type: "start-step" }, ...TEXT),
        ["text done: Hello", unfinished],
      ],
      [
        "says `error`",
        () => each<Item>(...TEXT, { type: "error", errorText: "boom" }),
        ["text done: Hello", "boom"],
      ],
      [
        "says `abort`",
        () => each<Item>("a", { type: "abort" }),
        ["text done: a", "the generation was aborted"],
      ],
      ["says why", () => each<Item>({ type: "abort", reason: "boom" }), ["boom"]],
      ["yields undefined", () => each<Item>("a", undefined as never), ["text done: a", refused]],
      ["yields null", () => each<Item>(null as never), [refused]],
      ["yields another SDK's chunks", () => completion() as never, [refused]],
      ["hands in nothing", () => undefined as never, [expect.stringContaining("iterable")]],
      [
        "hands in the wrong end",
        () => ({ textStream: each("a") }) as never,
        [expect.stringContaining("iterable")],
      ],
      [
        "yields what is not JSON",
        () => each<Item>({ type: "data-x", data: 1n }),
        [expect.stringContaining("BigInt")],
      ],
    ])("that %s: status error", async (_, generate, expected) => {
      const { seen, finished, server } = await generated(generate);
      expect(seen).toEqual(["error", ...expected.slice(0, -1), expected.at(-1)]);
      expect(finished).toMatchObject([{ isError: true }]);
      expect(await server.store.getStatus(server.store.ids[0] ?? "")).toMatchObject({
        state: "error",
      });
    });
  });
}

function writeText({ writer }: { writer: { write: (chunk: UIMessageChunk) => void } }): void {
  for (const chunk of TEXT) writer.write(chunk);
}

function cut(bytes: Uint8Array, at: number): Uint8Array[] {
  return [bytes.subarray(0, at), bytes.subarray(at)];
}

function textEncoder(): TransformStream<Item, Uint8Array> {
  return new TransformStream({
    transform: (item, controller) => controller.enqueue(encoder.encode(String(item))),
  });
}
