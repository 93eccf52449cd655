import { StreamError } from "@streambed/core";
import type { ReadOptions, StreamChunk, StreamStatus } from "@streambed/core";
import { describe, expect, test } from "vitest";
import { openChat } from "../../support/chat-client.ts";
import type { ChatVersion } from "../../support/chat-client.ts";
import { OpenStore, chatServer } from "../../support/chat-server.ts";
import {
  failingModel,
  finishParts,
  scriptedModel,
  textParts,
  untilAborted,
} from "../../support/scripted-model.ts";
import type { Part } from "../../support/scripted-model.ts";
import { waitingModel } from "../../support/waiting-model.ts";

/** How an answer's end reaches the page: never short without a word. */
export function endings(version: ChatVersion): void {
  const { spec } = version;

  describe("an answer that fails", () => {
    const [, unsaid] = finishParts("other");
    test.each<[string, () => Part[] | Error, string, string[]]>([
      [
        "in the middle",
        () => [...textParts("a"), { type: "error", error: new Error("boom") }],
        "boom",
        ["text done: a"],
      ],
      ["at the call", () => new Error("no such deployment"), "no such deployment", []],
      [
        "by just ending",
        () => [
          ...textParts("a"),
          { ...unsaid, finishReason: { unified: "other", raw: undefined } } as Part,
        ],
        "the model's stream ended without finishing",
        ["text done: a"],
      ],
      [
        "by its content filter",
        () => [...textParts("a"), ...finishParts("content-filter")],
        "the provider's content filter cut the answer off",
        ["text done: a"],
      ],
      [
        "while it calls a tool",
        () => [
          ...textParts("a"),
          { type: "tool-input-start", id: "t", toolName: "look" },
          { type: "error", error: new Error("boom") },
        ],
        "boom",
        ["text done: a", "tool-look output-error"],
      ],
    ])("%s: status error, with its text", async (_, script, text, shown) => {
      const parts = script();
      const { model } =
        parts instanceof Error ? failingModel(spec, () => parts) : scriptedModel(spec, parts);
      const server = chatServer({ model });
      const opened = openChat(version, server);
      await opened.chat.sendMessage({ text: "hi" });
      expect([opened.chat.status, opened.chat.error?.message]).toEqual(["error", text]);
      expect(opened.parts()).toEqual(shown);
      expect(opened.errors).toHaveLength(1);
      expect(opened.finished).toMatchObject([{ isError: true, isDisconnect: false }]);
      await expect.poll(() => server.active.get("c1")).toBe(null);
    });

    test("ends there and then, and the call to the model", async () => {
      const { model, calls } = scriptedModel(spec, async function* ({ abortSignal }) {
        yield* textParts("a");
        yield { type: "error", error: new Error("boom") };
        await untilAborted(abortSignal);
      });
      const { chat } = openChat(version, chatServer({ model }));
      await chat.sendMessage({ text: "hi" });
      expect(chat.error?.message).toBe("boom");
      expect(calls[0]?.abortSignal?.aborted).toBe(true);
    });

    test("`describeError` says what the page gets", async () => {
      const { model } = failingModel(spec, () => new Error("key sk-123 is wrong"));
      const { chat } = openChat(version, chatServer({ model, describeError: () => "sorry" }));
      await chat.sendMessage({ text: "hi" });
      expect(chat.error?.message).toBe("sorry");
    });

    test("can be asked again", async () => {
      const { model } = scriptedModel(spec, function* (_, call) {
        yield* textParts(call === 1 ? "a" : "b");
        if (call === 1) throw new Error("socket hang up");
        yield* finishParts();
      });
      const { chat, parts } = openChat(version, chatServer({ model }));
      await chat.sendMessage({ text: "hi" });
      expect(chat.error?.message).toBe("socket hang up");
      await chat.regenerate();
      expect([chat.status, chat.error, parts()]).toEqual(["ready", undefined, ["text done: b"]]);
      expect(chat.messages).toHaveLength(2);
    });
  });

  describe("an answer whose producer is lost", () => {
    /** A store that takes no more appends once it has so many chunks, as if the process had died. */
    class Dying extends OpenStore {
      override async append(...args: Parameters<OpenStore["append"]>): Promise<number> {
        const [id] = args;
        if (((await this.getStatus(id))?.totalChunks ?? 0) >= 4) {
          throw new StreamError("UNAVAILABLE", "it does not answer");
        }
        return super.append(...args);
      }
    }

    test("is an error for who was there, and for who comes later; afterwards the chat is free", async () => {
      const { model } = waitingModel(spec);
      const server = chatServer({ model, store: new Dying(), leaseMs: 500 });
      const first = openChat(version, server);
      const sent = first.chat.sendMessage({ text: "hi" });
      await expect.poll(first.parts).toEqual(["text streaming: a"]);
      const second = openChat(version, server);
      await Promise.all([sent, second.chat.resumeStream()]);
      for (const { chat, parts } of [first, second]) {
        expect([chat.status, chat.error?.message]).toEqual(["error", "producer lost"]);
        expect(parts()).toEqual(["text done: a"]);
      }
      expect((await server.get("/c1/stream")).status).toBe(204);
      expect(await server.active.get("c1")).toBe(null);
    });

    test("a stream without a producer", async () => {
      const server = chatServer({ model: waitingModel(spec).model });
      await server.store.create("orphan", { writer: "w", leaseMs: 300 });
      await server.store.append(
        "orphan",
        ['{"type":"start","messageId":"m"}', '{"type":"text-start","id":"1"}'],
        { writer: "w" },
      );
      await server.active.set("c1", "orphan");
      const { chat, parts } = openChat(version, server);
      await chat.resumeStream();
      expect([chat.status, chat.error?.message]).toEqual(["error", "producer lost"]);
      expect(parts()).toEqual(["text done: "]);
    });
  });

  test.each([
    ["UNAVAILABLE", new StreamError("UNAVAILABLE", "redis://secret does not answer")],
    ["a bug", new TypeError("x is not a function")],
  ])("a reader that cannot go on (%s): status error; the answer goes on", async (_, error) => {
    class Failing extends OpenStore {
      fails = false;
      override async *readFrom(
        id: string,
        afterSeq: number,
        options?: ReadOptions,
      ): AsyncGenerator<StreamChunk, StreamStatus, undefined> {
        const chunks = super.readFrom(id, afterSeq, options);
        for (;;) {
          const next = await chunks.next();
          // The engine's own watch has a signal.
          if (this.fails && options?.signal === undefined) throw error;
          if (next.done === true) return next.value;
          yield next.value;
        }
      }
    }
    const { model, release } = waitingModel(spec);
    const store = new Failing();
    const server = chatServer({ model, store });
    const { chat, parts } = openChat(version, server);
    const sent = chat.sendMessage({ text: "hi" });
    await expect.poll(parts).toEqual(["text streaming: a"]);
    store.fails = true;
    release();
    await sent;
    expect(chat.status).toBe("error");
    expect(chat.error?.message).toBe("the answer cannot be read at the moment");
    await expect.poll(() => store.getStatus(store.ids[0] ?? "")).toMatchObject({ state: "done" });
  });

  test("a page that asks in between: status error, and the answer goes on", async () => {
    const { model, release } = waitingModel(spec);
    const server = chatServer({ model });
    const first = openChat(version, server);
    const sent = first.chat.sendMessage({ text: "hi" });
    await expect.poll(first.parts).toEqual(["text streaming: a"]);
    const second = openChat(version, server);
    await second.chat.sendMessage({ text: "me too" });
    expect(second.chat.status).toBe("error");
    expect(second.chat.error?.message).toContain("an answer is under way in this chat");
    release();
    await sent;
    expect([first.chat.status, first.parts()]).toEqual(["ready", ["text done: ab"]]);
  });

  test("heartbeats and ids do not disturb", async () => {
    const { model, release } = waitingModel(spec);
    const server = chatServer({ model, heartbeatMs: 5 });
    let wire = "";
    const decoder = new TextDecoder();
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const response = await server.fetch(input, init);
      const tap = new TransformStream<Uint8Array, Uint8Array>({
        transform(bytes, controller) {
          wire += decoder.decode(bytes, { stream: true });
          controller.enqueue(bytes);
        },
      });
      return new Response(response.body?.pipeThrough(tap), response);
    };
    const { chat, parts } = openChat(version, { fetch });
    const sent = chat.sendMessage({ text: "hi" });
    await expect.poll(() => wire.split(": heartbeat\n\n").length).toBeGreaterThan(3);
    release();
    await sent;
    expect([chat.status, parts()]).toEqual(["ready", ["text done: ab"]]);
    expect(wire.match(/^id: \d+$/gm)).toEqual(
      Array.from({ length: 8 }, (_, index) => `id: ${index + 1}`),
    );
    expect(wire).toMatch(/data: \[DONE\]\n\n$/);
  });
}
