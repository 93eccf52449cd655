import { once } from "node:events";
import { request as httpRequest } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { constants, createGunzip } from "node:zlib";
import { expect } from "vitest";

/** A connection of its own, whose text can be waited for. */
export interface Connection {
  status: number;
  headers: IncomingHttpHeaders;
  until(piece: string): Promise<void>;
  text(): string;
  disconnect(): void;
}

export async function open(
  url: string,
  { method = "GET", headers = {}, body = "" } = {},
): Promise<Connection> {
  const request = httpRequest(url, { method, headers, agent: false }).end(body);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  let text = "";
  const plain =
    response.headers["content-encoding"] === "gzip"
      ? response.pipe(createGunzip({ flush: constants.Z_SYNC_FLUSH }))
      : response;
  plain.setEncoding("utf8").on("data", (piece: string) => (text += piece));
  plain.on("error", () => {});
  request.on("error", () => {});
  response.on("error", () => {});
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    until: (piece) => expect.poll(() => text, { interval: 5, timeout: 5_000 }).toContain(piece),
    text: () => text,
    disconnect: () => void request.destroy(),
  };
}

/** Asks for an answer. */
export function ask(url: string, headers = {}): Promise<Connection> {
  return open(`${url}/api/ai/stream`, { method: "POST", headers, body: '{"prompt":"Say it."}' });
}

/** The handler's id of the answer, from its first event. */
export async function idOf(answer: Connection): Promise<string> {
  await answer.until("event: stream-id\n");
  await answer.until("\n\n");
  return /event: stream-id\ndata: (\S+)/.exec(answer.text())?.[1] ?? "";
}
