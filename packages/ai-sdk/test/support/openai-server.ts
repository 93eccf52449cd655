import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface OpenAIServer {
  /** What a provider takes as its base URL. */
  url: string;
  /** How many requests have come. */
  requests(): number;
  close(): Promise<void>;
}

/** A server on a free port, for the length of a test, that answers every chat completion by `answer`. */
export async function openAIServer(
  answer: (response: ServerResponse, request: IncomingMessage) => void,
): Promise<OpenAIServer> {
  let requests = 0;
  const server = createServer((request, response) => {
    requests++;
    request.resume();
    answer(response, request);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    if (server.listening) await once(server.close(), "close");
  };
  onTestFinished(close);
  return { url: `http://127.0.0.1:${port}/v1`, requests: () => requests, close };
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  // Tells the AI SDK to try again at once.
  response.writeHead(status, { "content-type": "application/json", "retry-after-ms": "1" });
  response.end(JSON.stringify(body));
}

/** One token of a streamed answer; with a reason, its last. */
export function sendToken(response: ServerResponse, text: string, finishReason?: string): void {
  if (!response.headersSent) response.writeHead(200, { "content-type": "text/event-stream" });
  sendData(response, {
    id: "c",
    created: 1,
    model: "m",
    choices: [{ index: 0, delta: { content: text }, finish_reason: finishReason ?? null }],
  });
}

export function sendData(response: ServerResponse, data: unknown): void {
  response.write(`data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`);
}
