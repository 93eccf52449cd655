import { expect } from "vitest";
import type { ChatHandlerOptions, Generate } from "../../src/index.ts";
import { chatServer, sendBody } from "./chat-server.ts";
import { nodeServer } from "./node-server.ts";

export const UUID = "0b3f1c58-7c1e-4a55-9d0e-2f6f3f1d2a10";
export const NOT_FOUND: unknown = [
  404,
  { error: "there is no such stream in this chat", code: "NOT_FOUND" },
];

/** A chat handler, and the client's side of it over HTTP. */
export async function served(options: Partial<ChatHandlerOptions>) {
  const server = chatServer(options);
  const api = `${await nodeServer(server.handler)}/api/chat`;
  const send = async (chatId = "c1", body: object = sendBody(chatId)) => {
    const response = await fetch(api, { method: "POST", body: JSON.stringify(body) });
    const id = response.headers.get("x-stream-id") ?? "";
    const text = response.text();
    // Cut off, where the test is over before the answer is.
    text.catch(() => {});
    return { id, text };
  };
  /** `query` is what is behind `stream`, and a cursor goes as the header. */
  const read = (query: string, cursor?: number | string, chatId = "c1") => {
    const headers = cursor === undefined ? [] : [["last-event-id", String(cursor)] as const];
    return fetch(`${api}/${encodeURIComponent(chatId)}/stream${query}`, {
      headers: Object.fromEntries(headers),
    });
  };
  const total = async (id: string) => (await server.store.getStatus(id))?.totalChunks;
  const idle = (chatId = "c1") => expect.poll(() => server.active.get(chatId)).toBe(null);
  const stop = () => server.post("/c1/stop", {});
  return { ...server, api, send, read, total, idle, stop };
}

export const refusal = async (response: Response) => [response.status, await response.json()];
export const named = (id: string) => `?streamId=${encodeURIComponent(id)}`;
export const says = (...words: string[]): Generate =>
  async function* () {
    yield* words;
  };

/** An answer of chat "c1" that has ended. */
export async function ended(options: Partial<ChatHandlerOptions> = { generate: says("a", "b") }) {
  const server = await served(options);
  const { id, text } = await server.send();
  const whole = await text;
  await server.idle();
  return { ...server, id, whole };
}

/** What is behind the event of this seq, in a response that began at the first. */
export function behind(whole: string, id: string, seq: number): string {
  const events = whole.split("\n\n");
  const at = events.findIndex((event) => event.startsWith(`id: ${seq}\n`));
  return [`: stream ${id}`, ...events.slice(Math.max(at, 0) + 1)].join("\n\n");
}
