import { once } from "node:events";
import { request as httpRequest } from "node:http";
import type { IncomingMessage } from "node:http";
import { expect } from "vitest";

/** A connection of its own, whose text can be waited for. */
export interface Connection {
  response: IncomingMessage;
  text(): string;
  until(piece: string): Promise<void>;
  disconnect(): void;
}

export async function open(url: string, method: string, body = ""): Promise<Connection> {
  const headers = { "content-type": "application/json" };
  const request = httpRequest(url, { method, agent: false, headers }).end(body);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  let text = "";
  response.setEncoding("utf8").on("data", (piece: string) => (text += piece));
  response.on("error", () => {});
  return {
    response,
    text: () => text,
    until: (piece) => expect.poll(() => text, { interval: 5, timeout: 10_000 }).toContain(piece),
    disconnect: () => request.destroy(),
  };
}
