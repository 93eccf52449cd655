import { MemoryConversationStore, MemoryStreamStore } from "@streambed/memory";
import { jsonSchema, tool } from "ai";
import { describe, expect, test, vi } from "vitest";
import { createStreamHandler } from "../../../src/index.ts";
import { get, linesOf, post } from "../../support/client.ts";
import {
  failingModel,
  finishParts,
  scriptedModel,
  textParts,
  untilAborted,
  USAGE,
} from "../../support/scripted-model.ts";
import type { Part, ScriptedModel, Spec } from "../../support/scripted-model.ts";

const says = (spec: Spec, ...texts: string[]): ScriptedModel =>
  scriptedModel(spec, [...textParts(...texts), ...finishParts()]);
const talk = [
  { role: "user", content: "What is a stream?" },
  { role: "assistant", content: "Water that flows." },
];

/** `/chat`, `/complete`, `/title` and `/compact`. */
export function messageLists(spec: Spec): void {
  const serve = (model: ScriptedModel, conversations = new MemoryConversationStore()) =>
    createStreamHandler({
      model: model.model,
      store: new MemoryStreamStore(),
      conversation: { store: conversations },
      toolsets: {
        sums: {
          add: tool({
            description: "adds",
            inputSchema: jsonSchema<{ a: number; b: number }>({ type: "object" }),
            execute: async ({ a, b }) => a + b,
          }),
        },
      },
    });

  describe(`/chat of a ${spec} model`, () => {
    test("sends all that was said, system and files too, and can be resumed", async () => {
      const model = says(spec, "Like ", "this.");
      const handler = serve(model);
      const pixel = { mediaType: "image/png", data: "iVBORw0KGgo=", name: "a.png" };
      const url = { url: "data:text/plain;base64,aGk=" };
      const response = await post(handler, "/chat", {
        system: "Be brief.",
        messages: [
          { role: "system", content: "In English." },
          ...talk,
          { role: "assistant", content: "" },
          { role: "user", content: "How?", attachments: [pixel, url] },
        ],
      });
      expect((await linesOf(response)).slice(0, 2)).toEqual(["Like ", "this."]);
      expect(model.calls[0]?.prompt).toMatchObject([
        { role: "system", content: "Be brief.\n\nIn English." },
        { role: "user", content: [{ type: "text", text: "What is a stream?" }] },
        { role: "assistant", content: [{ type: "text", text: "Water that flows." }] },
        {
          role: "user",
          content: [
            { type: "text", text: "How?" },
            { type: "file", mediaType: "image/png", filename: "a.png" },
            { type: "file", mediaType: "text/plain" },
          ],
        },
      ]);
      const id = response.headers.get("x-stream-id");
      expect((await linesOf(await get(handler, `/stream/resume?id=${id}&after=1`)))[0]).toBe(
        "this.",
      );
    });

    /** Calls the tool each time it is asked, or answers once it has been. */
    const calculator = (forEver: boolean): ScriptedModel =>
      scriptedModel(spec, (_, call): Part[] =>
        call > 1 && !forEver
          ? [...textParts("It is 5."), ...finishParts()]
          : [
              { type: "stream-start", warnings: [] },
              {
                type: "tool-call",
                toolCallId: `t${call}`,
                toolName: "add",
                input: '{"a":2,"b":3}',
              },
              {
                type: "finish",
                finishReason: { unified: "tool-calls", raw: "tool_calls" },
                usage: USAGE,
              },
            ],
      );

    test("a toolset's tools are called, and the model goes on with what they bring", async () => {
      const model = calculator(false);
      const messages = [{ role: "user", content: "2 + 3?" }];
      const lines = await linesOf(await post(serve(model), "/chat", { messages, toolset: "sums" }));
      expect(lines.slice(0, 3)).toEqual([
        '[tool_call] {"id":"t1","name":"add","args":{"a":2,"b":3}}',
        '[tool_result] {"id":"t1","name":"add","result":5}',
        "It is 5.",
      ]);
    });

    test("what a tool fails with is told as `describeError` tells it", async () => {
      const failing = tool({
        inputSchema: jsonSchema<object>({ type: "object" }),
        execute: (): string => {
          throw new Error("postgres://user:secret@10.0.0.1 refused");
        },
      });
      const handler = createStreamHandler({
        model: calculator(false).model,
        store: new MemoryStreamStore(),
        toolsets: { sums: { add: failing } },
        describeError: () => "hidden",
      });
      const messages = [{ role: "user", content: "2 + 3?" }];
      const lines = await linesOf(await post(handler, "/chat", { messages, toolset: "sums" }));
      expect(lines[1]).toBe('[tool_error] {"id":"t1","name":"add","error":"hidden"}');
    });

    test("a model that never ends calling tools is held to `maxSteps`", async () => {
      const model = calculator(true);
      const messages = [{ role: "user", content: "2 + 3?" }];
      const body = { messages, toolset: "sums", maxSteps: 3 };
      await linesOf(await post(serve(model), "/chat", body));
      expect(model.calls).toHaveLength(3);
    });
  });

  describe(`/complete of a ${spec} model`, () => {
    test("answers with the text", async () => {
      const model = says(spec, "flows", " on");
      const response = await post(serve(model), "/complete", {
        input: "The water",
        system: "Go on.",
      });
      expect(response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
      expect(await response.text()).toBe("flows on");
      expect(model.calls[0]?.prompt).toMatchObject([
        { role: "system", content: "Go on." },
        { role: "user", content: [{ text: "The water" }] },
      ]);
    });

    test("a failure is a 502 that says why, and never half a text", async () => {
      const model = scriptedModel(spec, function* () {
        yield* textParts("half");
        throw new Error("it broke");
      });
      const response = await post(serve(model), "/complete", { input: "x" });
      expect([response.status, await response.json()]).toEqual([502, { error: "it broke" }]);
    });

    test("whoever leaves ends the call to the model", async () => {
      const { promise: aborted, resolve } = Promise.withResolvers<void>();
      const model = scriptedModel(spec, async function* ({ abortSignal }) {
        yield* textParts("a");
        await untilAborted(abortSignal).catch(() => resolve());
      });
      const leaving = new AbortController();
      const { signal } = leaving;
      const answer = post(serve(model), "/complete", { input: "x" }, { signal });
      setTimeout(() => leaving.abort(), 20);
      await aborted;
      expect((await answer).status).toBe(502);
    });
  });

  describe(`/title of a ${spec} model`, () => {
    test("streams a title for what was said", async () => {
      const model = says(spec, "Of ", "streams");
      const response = await post(serve(model), "/title", { messages: talk });
      const pieces: string[] = [];
      const text = new TextDecoder();
      for await (const bytes of response.body!) pieces.push(text.decode(bytes));
      expect(pieces).toEqual(["Of ", "streams"]);
      expect(JSON.stringify(model.calls[0]?.prompt)).toContain("Water that flows.");
    });

    test("a failure before the first word is a 502, one after it breaks the connection off", async () => {
      const refused = failingModel(spec, () => new Error("401"));
      const first = await post(serve(refused), "/title", { messages: talk });
      expect([first.status, await first.json()]).toEqual([502, { error: "401" }]);

      const broken = scriptedModel(spec, function* () {
        yield* textParts("Of ");
        throw new Error("it broke");
      });
      const second = await post(serve(broken), "/title", { messages: talk });
      expect(second.status).toBe(200);
      await expect(second.text()).rejects.toThrow();
    });
  });

  describe(`leaving /title of a ${spec} model`, () => {
    test("ends the call at once, also while the model is silent", async () => {
      const { promise: aborted, resolve } = Promise.withResolvers<void>();
      const model = scriptedModel(spec, async function* ({ abortSignal }) {
        yield* textParts("Of ");
        await untilAborted(abortSignal).catch(() => resolve());
      });
      const response = await post(serve(model), "/title", { messages: talk });
      const reader = response.body!.getReader();
      await reader.read();
      void reader.read();
      await new Promise((done) => setTimeout(done, 10));
      await reader.cancel();
      await aborted;
    });

    test("a model that says nothing is a 502", async () => {
      const response = await post(serve(says(spec)), "/title", { messages: talk });
      expect([response.status, await response.json()]).toEqual([
        502,
        { error: "the model gave no title" },
      ]);
    });
  });

  describe(`/compact of a ${spec} model`, () => {
    const long = [...talk, { role: "user", content: "long ".repeat(100) }];

    test("sums up what it is sent", async () => {
      const response = await post(serve(says(spec, " short ")), "/compact", { messages: long });
      expect(await response.json()).toEqual({ summary: "short", tokensSaved: 133 });
    });

    test("replaces what a session keeps, and the next question builds on that", async () => {
      const conversations = new MemoryConversationStore();
      await conversations.update("s", (history) => {
        history.append({ role: "user", content: "kept question" });
        history.append({ role: "assistant", content: "kept answer" });
      });
      const model = says(spec, "short");
      const handler = serve(model, conversations);
      const response = await post(handler, "/compact", { messages: talk, sessionId: "s" });
      expect(await response.json()).toMatchObject({ summary: "short" });
      // What is kept counts: of what a client lacks nothing gets lost.
      expect(JSON.stringify(model.calls[0]?.prompt)).toContain("kept answer");
      const history = await conversations.load("s");
      expect(history.messages).toEqual([{ role: "system", content: "short" }]);
      expect(history.get(history.activeLeafId!)?.metadata).toMatchObject({ compacted: true });

      await linesOf(await post(handler, "/stream", { prompt: "and?", sessionId: "s" }));
      expect(model.calls[1]?.prompt).toMatchObject([
        { role: "system", content: "short" },
        { role: "user", content: [{ text: "and?" }] },
      ]);
    });

    test("is refused while an answer is under way, and when somebody went on meanwhile", async () => {
      const conversations = new MemoryConversationStore();
      const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const model = scriptedModel(spec, async function* (_, call) {
        yield* textParts("slow");
        await gates[call - 1]?.promise;
        yield* finishParts();
      });
      const handler = serve(model, conversations);
      const asked = await post(handler, "/stream", { prompt: "hi", sessionId: "s" });
      const busy = await post(handler, "/compact", { messages: talk, sessionId: "s" });
      expect([busy.status, await busy.json()]).toEqual([
        409,
        { code: "CONFLICT", error: "an answer is under way in this session" },
      ]);
      gates[0]?.resolve();
      await linesOf(asked);

      const late = post(handler, "/compact", { messages: talk, sessionId: "t" });
      while (model.calls.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
      await conversations.update("t", (history) => {
        history.append({ role: "user", content: "me too" });
      });
      gates[1]?.resolve();
      expect((await late).status).toBe(409);
      expect((await conversations.load("t")).messages).toEqual([
        { role: "user", content: "me too" },
      ]);
    });

    test("is refused while an answer is under way behind which others are kept", async () => {
      const conversations = new MemoryConversationStore();
      const gate = Promise.withResolvers<void>();
      const model = scriptedModel(spec, async function* (_, call) {
        yield* textParts(`answer ${call}`);
        if (call === 1) await gate.promise;
        yield* finishParts();
      });
      const handler = serve(model, conversations);
      const slow = await post(handler, "/stream", { prompt: "slow", sessionId: "s" });
      await linesOf(await post(handler, "/stream", { prompt: "quick", sessionId: "s" }));
      const busy = await post(handler, "/compact", { messages: talk, sessionId: "s" });
      expect(busy.status).toBe(409);
      gate.resolve();
      await linesOf(slow);
      await vi.waitFor(async () => expect((await conversations.load("s")).size).toBe(4));
    });

    test("keeps a lost answer before it sums up", async () => {
      const store = new MemoryStreamStore();
      const conversations = new MemoryConversationStore();
      await store.create("lost");
      await store.append("lost", "lost words", { end: { error: "producer lost" } });
      await conversations.update("s", (history) => {
        history.append({ role: "user", content: "hi" }, { metadata: { streamId: "lost" } });
      });
      const model = says(spec, "short");
      const options = { model: model.model, store, conversation: { store: conversations } };
      await post(createStreamHandler(options), "/compact", { messages: talk, sessionId: "s" });
      expect(JSON.stringify(model.calls[0]?.prompt)).toContain("lost words");
    });

    test("without a summary nothing is replaced", async () => {
      const conversations = new MemoryConversationStore();
      await conversations.update("s", (history) => {
        history.append({ role: "user", content: "kept" });
      });
      for (const model of [says(spec, " "), failingModel(spec, () => new Error("no"))]) {
        const handler = serve(model, conversations);
        const response = await post(handler, "/compact", { messages: talk, sessionId: "s" });
        expect(response.status).toBe(502);
      }
      expect((await conversations.load("s")).messages).toEqual([{ role: "user", content: "kept" }]);
    });
  });
}
