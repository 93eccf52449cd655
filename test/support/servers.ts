import { spawnNode } from "@streambed/test-kit";
import type { NodeProcess } from "@streambed/test-kit";
import type { Script } from "../fixtures/scripted-model.ts";
import type { DebugInfo } from "../fixtures/server.ts";
import { openSse } from "./sse-client.ts";
import type { SseReader } from "./sse-client.ts";

const SERVER = new URL("../fixtures/server.ts", import.meta.url);

export interface ResumeOptions {
  after?: string | number;
  lastEventId?: string | number;
  cutAfter?: number;
}

/** A server process of the application under test. `await using` kills it. */
export interface TestServer extends AsyncDisposable {
  /** Where the handler answers. */
  url: string;
  port: number;
  process: NodeProcess;
  /** Starts a generation. */
  start(script: Script, options?: { cutAfter?: number; sessionId?: string }): Promise<SseReader>;
  /** A message in a chat, as AI SDK's client sends it. */
  send(chatId: string, script: Script): Promise<Response>;
  stopChat(chatId: string): Promise<Response>;
  resume(id: string, options?: ResumeOptions): Promise<SseReader>;
  stop(id: string): Promise<Response>;
  /** Lets the model go on behind `holdAfter`. */
  go(name: string): Promise<void>;
  debug(): Promise<DebugInfo>;
}

export async function startServer(
  env: Record<string, string>,
  port: number = 0,
): Promise<TestServer> {
  const process = await spawnNode(SERVER, {
    env: { ...env, PORT: String(port) },
    nodeArgs: ["--expose-gc"],
  });
  const line = await process.waitForLine(/listening on (http:.*:(\d+))/);
  const origin = line[1];
  const url = `${origin}/__streambed__`;
  return {
    url,
    port: Number(line[2]),
    process,
    start: (script, { cutAfter, sessionId } = {}) =>
      openSse(`${url}/stream`, {
        method: "POST",
        body: JSON.stringify({ prompt: JSON.stringify(script), sessionId }),
        cutAfter,
      }),
    send(chatId, script) {
      const parts = [{ type: "text", text: JSON.stringify(script) }];
      const messages = [{ id: crypto.randomUUID(), role: "user", parts }];
      return fetch(`${origin}/api/chat`, {
        method: "POST",
        body: JSON.stringify({ id: chatId, messages, trigger: "submit-message" }),
      });
    },
    stopChat: (chatId) => fetch(`${origin}/api/chat/${chatId}/stop`, { method: "POST" }),
    resume(id, { after, lastEventId, cutAfter } = {}) {
      const query = after === undefined ? "" : `&after=${after}`;
      const headers: Record<string, string> =
        lastEventId === undefined ? {} : { "last-event-id": String(lastEventId) };
      return openSse(`${url}/stream/resume?id=${id}${query}`, { headers, cutAfter });
    },
    stop: (id) => fetch(`${url}/stream/stop`, { method: "POST", body: JSON.stringify({ id }) }),
    async go(name) {
      await fetch(`${origin}/debug/go/${name}`, { method: "POST" });
    },
    async debug() {
      // Always on a new connection, so that all counts have one of it in them.
      const response = await fetch(`${origin}/debug`, { headers: { connection: "close" } });
      return (await response.json()) as DebugInfo;
    },
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}
