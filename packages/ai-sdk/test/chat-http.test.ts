import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { Chat } from "@ai-sdk/react";
import { UI_MESSAGE_STREAM_HEADERS } from "ai";
import { expect, test } from "vitest";
import { openChat } from "./support/chat-client.ts";
import { chatServer, sendBody } from "./support/chat-server.ts";
import { nodeServer } from "./support/node-server.ts";
import { expectSilence } from "./support/silence.ts";
import { waitingModel } from "./support/waiting-model.ts";

expectSilence();

const version = { Chat, spec: "v4" } as const;

test("the headers that AI SDK's own responses have", async () => {
  const { model } = waitingModel("v4");
  const { handler, get } = chatServer({ model });
  const origin = await nodeServer(handler);
  const body = JSON.stringify(sendBody("c1"));
  const sent = await new Promise<IncomingMessage>((resolve) => {
    request(`${origin}/api/chat`, { method: "POST" }, resolve).end(body);
  });
  const resumed = await get("/c1/stream");
  // Everything in it, and `no-transform`: a proxy that compresses keeps tokens back.
  const wanted = {
    ...UI_MESSAGE_STREAM_HEADERS,
    "cache-control": "no-cache, no-transform",
    "x-stream-id": expect.any(String),
  };
  // HTTP/1.1 over node:http says `connection: keep-alive` by itself; HTTP/2 forbids that header.
  expect(sent.headers).toMatchObject(wanted);
  const { connection: _, ...ours } = wanted;
  expect(Object.fromEntries(resumed.headers)).toEqual(ours);
  sent.destroy();
  await resumed.body?.cancel();
});

test("a page that is reloaded, over HTTP", async () => {
  const { model, release, aborted } = waitingModel("v4");
  const { handler, store } = chatServer({ model });
  const api = `${await nodeServer(handler)}/api/chat`;
  const transportInit = { api };
  const before = openChat(version, { fetch }, { transportInit });
  const sent = before.chat.sendMessage({ text: "hi" });
  await expect.poll(before.parts).toEqual(["text streaming: a"]);
  await before.chat.stop();
  await sent;

  const late = new Promise((resolve) => setTimeout(resolve, 200, "alive"));
  expect(await Promise.race([aborted, late])).toBe("alive");
  const messages = before.chat.messages;
  const { chat, parts, errors } = openChat(version, { fetch }, { messages, transportInit });
  const resumed = chat.resumeStream();
  await expect.poll(() => chat.status).toBe("streaming");
  release();
  await resumed;
  expect([chat.status, parts(), errors]).toEqual(["ready", ["text done: ab"], []]);
  expect(chat.messages).toHaveLength(2);
  expect(chat.lastMessage?.id).toBe(before.chat.lastMessage?.id);
  expect(await store.getStatus(store.ids[0] ?? "")).toMatchObject({ state: "done" });
  expect((await fetch(`${api}/c1/stream`)).status).toBe(204);
});

test.each<[string, RequestInit & { duplex?: "half" }]>([
  ["no body", { method: "POST" }],
  ["an empty one", { method: "POST", body: "" }],
  ["one without a known length", { method: "POST", body: new Blob([]).stream(), duplex: "half" }],
])("a stop with %s, over HTTP", async (_, init) => {
  const { model, aborted } = waitingModel("v4");
  const { handler } = chatServer({ model });
  const origin = await nodeServer(handler);
  const { chat, parts } = openChat(
    version,
    { fetch },
    { transportInit: { api: `${origin}/api/chat` } },
  );
  const sent = chat.sendMessage({ text: "hi" });
  await expect.poll(parts).toEqual(["text streaming: a"]);
  const stopped = await fetch(`${origin}/api/chat/c1/stop`, init);
  expect([stopped.status, await stopped.json()]).toEqual([200, { ok: true }]);
  await Promise.all([sent, aborted]);
  expect([chat.status, parts()]).toEqual(["ready", ["text done: a"]]);
});
