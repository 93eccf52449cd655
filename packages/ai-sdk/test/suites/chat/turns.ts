import type { UIMessage } from "@ai-sdk/react";
import {
  convertToModelMessages,
  jsonSchema,
  lastAssistantMessageIsCompleteWithToolCalls,
  streamText,
  tool,
} from "ai";
import type { ToolSet } from "ai";
import { describe, expect, test } from "vitest";
import type { Generate } from "../../../src/index.ts";
import { openChat } from "../../support/chat-client.ts";
import type { ChatVersion } from "../../support/chat-client.ts";
import { chatServer } from "../../support/chat-server.ts";
import { USAGE, finishParts, scriptedModel, textParts } from "../../support/scripted-model.ts";
import type { Part, ScriptedModel } from "../../support/scripted-model.ts";

const [START, ...TEXT] = textParts("b") as [Part, ...Part[]];
const CALLS_FINISH: Part = {
  type: "finish",
  finishReason: { unified: "tool-calls", raw: "tool_calls" },
  usage: USAGE,
};

/** What goes to the model, what comes back, and where it goes on the page. */
export function turns(version: ChatVersion): void {
  const { spec } = version;

  describe("turns", () => {
    const counting = () =>
      scriptedModel(spec, (_, call) => [...textParts(`answer ${call}`), ...finishParts()]);
    const texts = (messages: UIMessage[]) =>
      messages.map(({ parts }) => parts.map((part) => ("text" in part ? part.text : "")).join(""));
    const asked = ({ calls }: ScriptedModel) =>
      calls.at(-1)?.prompt.map(({ role, content }) => {
        const [first] = typeof content === "string" ? [{ text: content }] : content;
        return `${role}: ${first !== undefined && "text" in first ? first.text : ""}`;
      });

    test("the model gets the whole conversation and `system`", async () => {
      const scripted = counting();
      const server = chatServer({ model: scripted.model, system: "be brief" });
      const { chat } = openChat(version, server);
      await chat.sendMessage({ text: "one" });
      await chat.sendMessage({ text: "two" });
      expect(texts(chat.messages)).toEqual(["one", "answer 1", "two", "answer 2"]);
      expect(new Set(chat.messages.map(({ id }) => id)).size).toBe(4);
      expect(asked(scripted)).toEqual([
        "system: be brief",
        "user: one",
        "assistant: answer 1",
        "user: two",
      ]);
    });

    test("regenerate", async () => {
      const scripted = counting();
      const { chat } = openChat(version, chatServer({ model: scripted.model }));
      await chat.sendMessage({ text: "one" });
      const [, before] = chat.messages;
      await chat.sendMessage({ text: "two" });
      await chat.regenerate();
      expect(texts(chat.messages)).toEqual(["one", "answer 1", "two", "answer 3"]);
      await chat.regenerate({ messageId: before?.id ?? "" });
      expect(texts(chat.messages)).toEqual(["one", "answer 4"]);
      expect(asked(scripted)).toEqual(["user: one"]);
      expect(chat.lastMessage?.id).not.toBe(before?.id);
    });

    test("a question that was edited", async () => {
      const scripted = counting();
      const { chat } = openChat(version, chatServer({ model: scripted.model }));
      await chat.sendMessage({ text: "one" });
      const messageId = chat.messages[0]?.id ?? "";
      await chat.sendMessage({ text: "uno", messageId });
      expect(texts(chat.messages)).toEqual(["uno", "answer 2"]);
      expect(asked(scripted)).toEqual(["user: uno"]);
    });

    test("a transport that sends the last message alone", async () => {
      const scripted = counting();
      const { chat } = openChat(version, chatServer({ model: scripted.model }), {
        transportInit: {
          prepareSendMessagesRequest: ({ id, messages, trigger }) => ({
            body: { id, message: messages.at(-1), trigger },
          }),
        },
      });
      await chat.sendMessage({ text: "one" });
      await chat.sendMessage({ text: "two" });
      expect([chat.status, asked(scripted)]).toEqual(["ready", ["user: two"]]);
    });
  });

  describe("what an answer is made of", () => {
    test("reasoning, sources, files, calls of the provider's tools", async () => {
      const call = { toolName: "web_search", providerExecuted: true, dynamic: true } as const;
      const data = spec === "v3" ? "AAEC" : { type: "data", data: "AAEC" };
      const { model } = scriptedModel(spec, [
        START,
        { type: "reasoning-start", id: "r" },
        { type: "reasoning-delta", id: "r", delta: "hm\r\nso 😀" },
        { type: "reasoning-end", id: "r" },
        { type: "source", sourceType: "url", id: "s", url: "https://a.test/", title: "A" },
        { type: "source", sourceType: "document", id: "d", mediaType: "text/plain", title: "D" },
        { type: "file", mediaType: "image/png", data: data as never },
        { type: "tool-call", toolCallId: "c1", input: '{"q":"rain"}', ...call },
        { type: "tool-result", toolCallId: "c1", result: { hits: [1] }, ...call },
        ...TEXT,
        ...finishParts(),
      ]);
      const { chat } = openChat(version, chatServer({ model }));
      await chat.sendMessage({ text: "hi" });
      expect([chat.status, chat.error]).toEqual(["ready", undefined]);
      expect(chat.lastMessage?.parts).toMatchObject([
        { type: "step-start" },
        { type: "reasoning", text: "hm\r\nso 😀", state: "done" },
        { type: "source-url", sourceId: "s", url: "https://a.test/", title: "A" },
        { type: "source-document", sourceId: "d", mediaType: "text/plain", title: "D" },
        { type: "file", mediaType: "image/png", url: "data:image/png;base64,AAEC" },
        {
          type: "dynamic-tool",
          toolName: "web_search",
          state: "output-available",
          input: { q: "rain" },
          output: { hits: [1] },
        },
        { type: "text", text: "b", state: "done" },
      ]);
    });

    test("a call of a tool that there is not says so, and is no failure", async () => {
      const { model } = scriptedModel(spec, [
        START,
        { type: "tool-call", toolCallId: "c1", toolName: "look", input: "{}" },
        CALLS_FINISH,
      ]);
      const { chat } = openChat(version, chatServer({ model }));
      await chat.sendMessage({ text: "hi" });
      expect([chat.status, chat.error]).toEqual(["ready", undefined]);
      expect(chat.lastMessage?.parts.at(-1)).toMatchObject({
        state: "output-error",
        errorText: expect.stringContaining("look"),
      });
    });

    test("files and data that the page sends reach the model, or do no harm", async () => {
      const { model, calls } = scriptedModel(spec, [START, ...TEXT, ...finishParts()]);
      const { chat } = openChat(version, chatServer({ model }));
      await chat.sendMessage({
        parts: [
          { type: "data-place", data: { at: 1 } },
          { type: "file", mediaType: "image/png", url: "data:image/png;base64,AAEC" },
          { type: "text", text: "what is it?" },
        ],
        metadata: { sentAt: 1 },
      });
      expect([chat.status, chat.error]).toEqual(["ready", undefined]);
      expect(calls[0]?.prompt).toMatchObject([
        { content: [{ type: "file", mediaType: "image/png" }, { text: "what is it?" }] },
      ]);
    });
  });

  describe("tools", () => {
    const inputSchema = jsonSchema<{ name: string }>({
      type: "object",
      properties: { name: { type: "string" } },
      required: ["name"],
    });
    const withTools =
      (model: ScriptedModel["model"], tools: ToolSet): Generate =>
      async ({ messages, signal }) =>
        streamText({
          model,
          messages: await convertToModelMessages(messages, { tools }),
          tools,
          abortSignal: signal,
          // oxlint-disable-next-line typescript/no-deprecated -- AI SDK 6 has no other name for it
        }).toUIMessageStream({
          originalMessages: messages,
          messageMetadata: ({ part }) => (part.type === "start" ? { model: "m" } : undefined),
        });
    const calling = () =>
      scriptedModel(spec, (_, call) =>
        call === 1
          ? [
              START,
              { type: "tool-input-start", id: "t", toolName: "locate" },
              { type: "tool-input-delta", id: "t", delta: '{"name":"Ada"}' },
              { type: "tool-input-end", id: "t" },
              { type: "tool-call", toolCallId: "t", toolName: "locate", input: '{"name":"Ada"}' },
              CALLS_FINISH,
            ]
          : [START, ...TEXT, ...finishParts()],
      );

    test("the page's own: the result is sent, and the same message goes on", async () => {
      const { model, calls } = calling();
      const server = chatServer({ generate: withTools(model, { locate: tool({ inputSchema }) }) });
      const opened = openChat(version, server, {
        sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithToolCalls,
        onToolCall: ({ toolCall: { toolCallId } }) =>
          void opened.chat.addToolOutput({ tool: "locate", toolCallId, output: "London" }),
      });
      await opened.chat.sendMessage({ text: "hi" });
      await expect.poll(opened.parts).toEqual(["tool-locate output-available", "text done: b"]);
      await expect.poll(() => opened.chat.status).toBe("ready");
      expect(opened.errors).toEqual([]);
      expect(opened.chat.messages.map(({ role }) => role)).toEqual(["user", "assistant"]);
      expect(opened.chat.lastMessage).toMatchObject({ metadata: { model: "m" } });
      expect(server.requests).toEqual(["POST /api/chat", "POST /api/chat"]);
      expect(calls[1]?.prompt.at(-1)).toMatchObject({
        role: "tool",
        content: [{ toolCallId: "t", output: { type: "text", value: "London" } }],
      });
      await expect.poll(() => server.active.get("c1")).toBe(null);
    });

    test("the page's own, answered with mere text: the result is sent once", async () => {
      let asked = 0;
      const generate: Generate = async function* () {
        if (++asked > 3) throw new Error("there is no end to it");
        if (asked === 1) {
          const call = { toolCallId: "t", toolName: "locate", input: {} };
          yield* [{ type: "tool-input-available", ...call } as const, { type: "finish" } as const];
        } else yield "b";
      };
      const opened = openChat(version, chatServer({ generate }), {
        sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithToolCalls,
        onToolCall: ({ toolCall: { toolCallId } }) =>
          void opened.chat.addToolOutput({ tool: "locate", toolCallId, output: "London" }),
      });
      await opened.chat.sendMessage({ text: "hi" });
      await expect.poll(opened.parts).toEqual(["tool-locate output-available", "text done: b"]);
      await expect.poll(() => opened.chat.status).toBe("ready");
      expect(asked).toBe(2);
    });
  });
}
