import type { UIMessage } from "@ai-sdk/react";
import { MemoryConversationStore } from "@streambed/memory";
import { lastAssistantMessageIsCompleteWithToolCalls } from "ai";
import { describe, expect, test } from "vitest";
import type { ChatMessage, Generate } from "../../../src/index.ts";
import { openChat } from "../../support/chat-client.ts";
import type { ChatVersion } from "../../support/chat-client.ts";
import { chatServer } from "../../support/chat-server.ts";
import { cuttable } from "../../support/cuttable.ts";
import { waitingModel } from "../../support/waiting-model.ts";

const MESSAGES: UIMessage[] = [
  { id: "q", role: "user", parts: [{ type: "text", text: "hi" }] },
  {
    id: "m",
    role: "assistant",
    metadata: { model: "m" },
    parts: [
      { type: "step-start" },
      { type: "text", text: "let me see", state: "done" },
      {
        type: "tool-locate",
        toolCallId: "t",
        state: "output-available",
        input: { name: "Ada" },
        output: "London",
      },
    ],
  },
];
const WHOLE = ["text done: let me see", "tool-locate output-available"];

/** An answer that goes on in the message that asked for a tool's result, and a page that comes back to it. */
export function continuations(version: ChatVersion): void {
  describe("resuming an answer that goes on with a message", () => {
    /** As the answer was kept when it ended, the tool's result still to come. */
    const kept = async (messages: UIMessage[] = MESSAGES) => {
      const store = new MemoryConversationStore<ChatMessage>();
      await store.update("c1", (history) => {
        for (const message of messages) {
          const parts = message.parts.map((part) =>
            "toolCallId" in part ? { ...part, state: "input-available", output: undefined } : part,
          ) as UIMessage["parts"];
          history.append({ ...message, parts, content: "" });
        }
      });
      return store;
    };
    const begun = (options: { conversation?: { store: MemoryConversationStore<ChatMessage> } }) => {
      const { model, release } = waitingModel(version.spec);
      return { server: chatServer({ model, ...options }), release };
    };
    const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

    test("a page that was reloaded has the whole message", async () => {
      const { server, release } = begun({ conversation: { store: await kept() } });
      const first = openChat(version, server, { messages: MESSAGES });
      const sent = first.chat.sendMessage();
      await expect.poll(first.parts).toEqual([...WHOLE, "text streaming: a"]);
      const calls: unknown[] = [];
      const second = openChat(version, server, {
        messages: MESSAGES,
        onToolCall: ({ toolCall }) => void calls.push(toolCall),
      });
      const resumed = second.chat.resumeStream();
      await expect.poll(second.parts).toEqual([...WHOLE, "text streaming: a"]);
      release();
      await Promise.all([sent, resumed]);
      expect(first.parts()).toEqual([...WHOLE, "text done: ab"]);
      expect(json(second.chat.messages)).toEqual(json(first.chat.messages));
      expect(second.chat.status).toBe("ready");
      // What was answered is not to be answered again.
      expect(calls).toEqual([]);
    });

    test("so has the one that lost its connection", async () => {
      const { server, release } = begun({ conversation: { store: await kept() } });
      const { fetch, cut } = cuttable(server.fetch);
      const { chat, parts } = openChat(version, { fetch }, { messages: MESSAGES });
      const sent = chat.sendMessage();
      await expect.poll(parts).toEqual([...WHOLE, "text streaming: a"]);
      cut();
      await sent;
      expect(chat.status).toBe("error");
      const resumed = chat.resumeStream();
      release();
      await resumed;
      expect([chat.status, ...parts()]).toEqual(["ready", ...WHOLE, "text done: ab"]);
      expect(chat.messages).toHaveLength(2);
    });

    test("stopped before it went on, the result is not sent again", async () => {
      const generate: Generate = async function* ({ signal }) {
        yield* [{ type: "start" } as const, { type: "start-step" } as const].slice(0, chunks);
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
      };
      let chunks = 0;
      for (; chunks < 3; chunks++) {
        const server = chatServer({ generate, conversation: { store: await kept() } });
        const init = {
          messages: MESSAGES,
          sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithToolCalls,
        };
        const first = openChat(version, server, init);
        const sent = first.chat.sendMessage();
        const total = () => server.store.getStatus(server.store.ids[0] ?? "unknown");
        await expect.poll(total).toMatchObject({ totalChunks: 1 + chunks });
        const second = openChat(version, server, init);
        const resumed = second.chat.resumeStream();
        await expect.poll(() => server.requests).toHaveLength(2);
        await server.post("/c1/stop", {});
        await Promise.all([sent, resumed]);
        for (const { chat, parts } of [first, second]) {
          expect([chat.status, ...parts()]).toEqual(["ready", ...WHOLE]);
        }
        expect(server.requests).toEqual(["POST /api/chat", "GET /api/chat/c1/stream"]);
      }
    });

    test("where no conversation is kept", async () => {
      const { server, release } = begun({});
      const first = openChat(version, server, { messages: MESSAGES });
      const sent = first.chat.sendMessage();
      await expect.poll(first.parts).toEqual([...WHOLE, "text streaming: a"]);
      const second = openChat(version, server, { messages: MESSAGES });
      const resumed = second.chat.resumeStream();
      release();
      await Promise.all([sent, resumed]);
      expect(second.parts()).toEqual([...WHOLE, "text done: ab"]);
    });

    test("where the message is longer than a chunk may be", async () => {
      const [question, answer] = MESSAGES as [UIMessage, UIMessage];
      const long = { type: "text", text: "é".repeat(600_000) } as const;
      const messages = [question, { ...answer, parts: [long, ...answer.parts] }];
      const { server, release } = begun({ conversation: { store: await kept(messages) } });
      const { chat } = openChat(version, server, { messages });
      release();
      await chat.sendMessage();
      expect(chat.error).toBe(undefined);
    });
  });
}
