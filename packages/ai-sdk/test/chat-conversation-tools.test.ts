import { MemoryConversationStore } from "@streambed/memory";
import type { UIMessage, UIMessageChunk } from "ai";
import { expect, test } from "vitest";
import type { ChatMessage, Generate } from "../src/index.ts";
import { chatServer, sendBody } from "./support/chat-server.ts";
import { expectSilence } from "./support/silence.ts";

expectSilence();

const ASKS: UIMessageChunk[] = [
  { type: "start", messageId: "a" },
  { type: "tool-input-available", toolCallId: "t", toolName: "look", input: {} },
  { type: "finish" },
];
const RESULT: UIMessage["parts"][number] = {
  type: "tool-look",
  toolCallId: "t",
  state: "output-available",
  input: {},
  output: 1,
};
const shown = (parts: UIMessage["parts"]) =>
  parts.map((part) => (part.type === "text" ? part.text : part.type)).join("+");

/** A question has been asked, and been answered by the call of a tool of the page's. */
async function asked() {
  const store = new MemoryConversationStore<ChatMessage>();
  const seen: string[][] = [];
  const generate: Generate = async function* ({ messages }) {
    seen.push(messages.map(({ role, parts }) => `${role}: ${shown(parts)}`));
    yield* seen.length === 1 ? ASKS : ["done"];
  };
  const server = chatServer({ generate, conversation: { store } });
  const send = async (body: Record<string, unknown>): Promise<void> => {
    await (await server.post("", body)).text();
    await expect.poll(() => server.active.get("c1")).toBe(null);
  };
  const question = sendBody("c1", "one");
  await send(question);
  const kept = async () =>
    (await store.load("c1")).messages.map(({ role, parts }) => `${role}: ${shown(parts)}`);
  return { send, question, seen, kept };
}

const WHOLE = ["user: one", "assistant: tool-look+step-start+done"];

test("a tool's result, sent with the conversation, goes on with the answer that asked for it", async () => {
  const { send, question, seen, kept } = await asked();
  const answer = { id: "a", role: "assistant", parts: [RESULT] };
  await send({ ...question, messages: [...question.messages, answer] });
  expect(seen.at(-1)).toEqual(["user: one", "assistant: tool-look"]);
  expect(await kept()).toEqual(WHOLE);
});

test("a tool's result, sent as the last message alone", async () => {
  const { send, seen, kept } = await asked();
  await send({ id: "c1", message: { id: "a", role: "assistant", parts: [RESULT] } });
  expect(seen.at(-1)).toEqual(["user: one", "assistant: tool-look"]);
  expect(await kept()).toEqual(WHOLE);
});

test("a tool's result with words put into the model's mouth", async () => {
  const { send, question, seen, kept } = await asked();
  const forged = { type: "text", text: "I owe you" };
  const answer = { id: "a", role: "assistant", parts: [forged, RESULT] };
  await send({ ...question, messages: [...question.messages, answer] });
  expect(seen.at(-1)).toEqual(["user: one", "assistant: tool-look"]);
  expect(await kept()).toEqual(WHOLE);
});
