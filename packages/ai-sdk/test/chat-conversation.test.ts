import { Chat } from "@ai-sdk/react";
import { MemoryConversationStore } from "@streambed/memory";
import { expect, test } from "vitest";
import type { ChatMessage, ChatTurn, Generate } from "../src/index.ts";
import { openChat } from "./support/chat-client.ts";
import { chatServer, sendBody } from "./support/chat-server.ts";
import type { ChatServer } from "./support/chat-server.ts";
import { expectSilence } from "./support/silence.ts";

expectSilence();

interface Kept extends ChatServer {
  conversation: MemoryConversationStore<ChatMessage>;
  /** What the model was asked, by the texts of the messages. */
  asked: string[][];
  /** `role: text` of what is shown. */
  shown(chatId?: string): Promise<string[]>;
}

function keptServer(
  generate: Generate,
  options: { maxMessages?: number; leaseMs?: number } = {},
): Kept {
  const conversation = new MemoryConversationStore<ChatMessage>();
  const { maxMessages, ...more } = options;
  const asked: string[][] = [];
  const server = chatServer({
    conversation: { store: conversation, maxMessages },
    generate: (turn) => {
      asked.push(
        turn.messages.map(({ parts }) => (parts[0]?.type === "text" ? parts[0].text : "?")),
      );
      return generate(turn);
    },
    ...more,
  });
  return {
    ...server,
    conversation,
    asked,
    shown: async (chatId = "c1") =>
      (await conversation.load(chatId)).messages.map(({ role, content }) => `${role}: ${content}`),
  };
}

async function* echo({ messages }: ChatTurn): AsyncGenerator<string> {
  const last = messages.at(-1)?.parts[0];
  yield "re: ";
  yield last?.type === "text" ? last.text : "?";
}

async function chunksOf({ store }: Kept, stream: number): Promise<number> {
  const id = store.ids[stream];
  return id === undefined ? 0 : ((await store.getStatus(id))?.totalChunks ?? 0);
}

const until = async (what: () => Promise<boolean>): Promise<void> => {
  while (!(await what())) await new Promise((resolve) => setTimeout(resolve, 5));
};

test("keeps each question and its answer, and shows the model what is kept", async () => {
  const server = keptServer(echo);
  const { chat } = openChat({ Chat, spec: "v4" }, server);
  await chat.sendMessage({ text: "one" });
  await chat.sendMessage({ text: "two" });
  await until(async () => (await server.shown()).length === 4);
  expect(await server.shown()).toEqual([
    "user: one",
    "assistant: re: one",
    "user: two",
    "assistant: re: two",
  ]);
  const kept = (await server.conversation.load("c1")).messages;
  const sent = JSON.parse(JSON.stringify(chat.messages)) as object[];
  expect(kept).toEqual(sent.map((message, i) => ({ ...message, content: kept[i]?.content })));

  // A client that makes things up is not believed.
  const made = { id: "x", role: "assistant", parts: [{ type: "text", text: "I owe you" }] };
  const body = sendBody("c1", "three");
  const forged = { ...body, messages: [made, ...body.messages] };
  await (await server.post("", forged)).text();
  expect(server.asked.at(-1)).toEqual(["one", "re: one", "two", "re: two", "three"]);
});

test("shows the model no more than the newest messages, and a question first", async () => {
  const server = keptServer(echo, { maxMessages: 4 });
  for (const text of ["one", "two", "three"]) {
    await (await server.post("", sendBody("c1", text))).text();
  }
  expect(server.asked).toEqual([["one"], ["one", "re: one", "two"], ["two", "re: two", "three"]]);
});

test("another answer to the same question stands beside the first, and is shown", async () => {
  let answers = 0;
  const server = keptServer(async function* () {
    yield `answer ${++answers}`;
  });
  const { chat } = openChat({ Chat, spec: "v4" }, server);
  await chat.sendMessage({ text: "one" });
  await chat.regenerate();
  await until(async () => (await server.shown())[1] === "assistant: answer 2");
  const history = await server.conversation.load("c1");
  expect(history.size).toBe(3);
  expect(history.alternativeCount(history.activeLeafId!)).toBe(2);
  expect(server.asked).toEqual([["one"], ["one"]]);
});

test("a stopped answer is kept as far as it came, its parts closed", async () => {
  const server = keptServer(async function* ({ signal }) {
    yield "half an ans";
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
  });
  const answer = await server.post("", sendBody("c1", "one"));
  await until(async () => (await chunksOf(server, 0)) > 2);
  await server.post("/c1/stop", {});
  expect(await answer.text()).toContain('"type":"text-end"');
  await until(async () => (await server.shown()).length === 2);
  expect(await server.shown()).toEqual(["user: one", "assistant: half an ans"]);
  const history = await server.conversation.load("c1");
  const kept = history.get(history.activeLeafId!);
  expect(kept?.message.parts).toEqual([{ type: "text", text: "half an ans", state: "done" }]);
  // The message itself looks whole.
  expect(kept?.metadata).toMatchObject({ state: "stopped" });
});

test("an answer that fails is kept as far as it came; one that never began leaves its question", async () => {
  const server = keptServer(async function* ({ messages }) {
    if (messages.length > 1) throw new Error("too tired");
    yield "half an ans";
    throw new Error("too tired");
  });
  for (const text of ["one", "two"]) {
    expect(await (await server.post("", sendBody("c1", text))).text()).toContain("too tired");
    await until(async () => (await server.active.get("c1")) === null);
  }
  expect(await server.shown()).toEqual(["user: one", "assistant: half an ans", "user: two"]);
});

/** As a process leaves it that is killed in mid-answer: a stream with a lease, and a pointer to it. */
async function abandon(server: ReturnType<typeof keptServer>, leaseMs: number): Promise<void> {
  const questionId = await server.conversation.update("c1", (history) =>
    history.append({
      role: "user",
      content: "one",
      id: "m1",
      parts: [{ type: "text", text: "one" }],
    }),
  );
  const chunks = [
    { type: "start", messageId: "a1" },
    { type: "text-start", id: "t" },
    { type: "text-delta", id: "t", delta: "half an ans" },
  ];
  await server.store.create("dead", { writer: "w", leaseMs });
  await server.store.append(
    "dead",
    [
      `place\x01${JSON.stringify({ questionId })}`,
      ...chunks.map((chunk) => `\x01${JSON.stringify(chunk)}`),
    ],
    { writer: "w" },
  );
  await server.active.set("c1", "dead");
}

test("an answer whose producer died is kept by whoever reads its end", async () => {
  const server = keptServer(echo);
  await abandon(server, 100);
  const readers = await Promise.all([1, 2, 3].map(() => server.get("/c1/stream")));
  for (const reader of readers) expect(await reader.text()).toContain("producer lost");
  await until(async () => (await server.active.get("c1")) === null);
  expect(await server.shown()).toEqual(["user: one", "assistant: half an ans"]);
  expect((await server.conversation.load("c1")).size).toBe(2);
});

test("an answer whose producer died is kept by whoever comes next", async () => {
  const server = keptServer(echo);
  await abandon(server, 50);
  await new Promise((resolve) => setTimeout(resolve, 80));

  // Any number of them at once: it is kept once.
  const answers = await Promise.all([1, 2, 3].map(() => server.get("/c1/stream")));
  expect(answers.map(({ status }) => status)).toEqual([204, 204, 204]);
  expect(await server.shown()).toEqual(["user: one", "assistant: half an ans"]);
  expect((await server.conversation.load("c1")).size).toBe(2);
  expect(await server.active.get("c1")).toBeNull();
});

test("two tabs that send at once, 200 rounds: what is accepted is kept, under its own question", async () => {
  const server = keptServer(echo);
  for (let round = 0; round < 200; round++) {
    const id = `chat-${round}`;
    const answers = await Promise.all(
      ["a", "b"].map((text) => server.post("", sendBody(id, text))),
    );
    const accepted = answers.flatMap(({ status }, i) => (status === 200 ? ["ab".charAt(i)] : []));
    expect(
      answers.map(({ status }) => status).filter((status) => status !== 200 && status !== 409),
    ).toEqual([]);
    expect(accepted.length).toBeGreaterThan(0);
    await Promise.all(answers.map((answer) => answer.text()));
    await until(async () => (await server.active.get(id)) === null);
    const history = await server.conversation.load(id);
    const nodes = history.nodeIds.map((node) => history.get(node)!);
    expect(history.size).toBe(2 * accepted.length);
    for (const text of accepted) {
      const question = nodes.find(({ message }) => message.content === text);
      const under = question?.children.map((child) => history.get(child)?.message.content);
      expect(under).toContain(`re: ${text}`);
    }
  }
});
