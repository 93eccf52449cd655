import { once } from "node:events";
import { request as httpRequest } from "node:http";
import type { Agent, IncomingHttpHeaders, IncomingMessage } from "node:http";
import { connect } from "node:http2";
import type { Readable, Writable } from "node:stream";
import { expect, onTestFinished } from "vitest";
import type { TestServer } from "./frameworks.ts";

export interface Asked {
  method?: string;
  headers?: Record<string, string | string[]>;
  body?: string | Uint8Array;
  /** What keeps HTTP/1.1 connections. @default a connection of its own */
  agent?: Agent;
  /** Leaves the body open: its end is the caller's to send. */
  open?: boolean;
}

/** A request that is under way on a real connection. */
export interface Sent {
  body: Writable;
  response: Promise<Exchange>;
  disconnect(): void;
}

export interface Exchange {
  status: number;
  headers: IncomingHttpHeaders;
  /** What has come of the body so far. */
  text(): string;
  until(piece: string): Promise<void>;
  /** Whether the body came to its end, or was cut off. */
  closed: Promise<"end" | "cut">;
  body: Readable;
  disconnect(): void;
}

export function send({ origin, http2 }: TestServer, path: string, asked: Asked = {}): Sent {
  const sent = http2 ? sendHttp2(origin, path, asked) : sendHttp1(origin, path, asked);
  if (asked.open) sent.body.write(asked.body ?? "");
  else sent.body.end(asked.body);
  return sent;
}

export function ask(server: TestServer, path: string, asked: Asked = {}): Promise<Exchange> {
  return send(server, path, asked).response;
}

/** A whole answer. */
export async function fetchText(
  server: TestServer,
  path: string,
  asked: Asked = {},
): Promise<{ status: number; headers: IncomingHttpHeaders; text: string }> {
  const exchange = await ask(server, path, asked);
  expect(await exchange.closed).toBe("end");
  return { status: exchange.status, headers: exchange.headers, text: exchange.text() };
}

export function json(body: unknown): Asked {
  const headers = { "content-type": "application/json" };
  return { method: "POST", headers, body: JSON.stringify(body) };
}

function sendHttp1(origin: string, path: string, { method, headers, agent }: Asked): Sent {
  const url = new URL(origin);
  const request = httpRequest({
    host: url.hostname,
    port: url.port,
    path,
    method,
    headers,
    agent: agent ?? false,
  });
  request.on("error", () => {});
  const disconnect = (): void => void request.destroy();
  const response = once(request, "response").then(([message]) => {
    const incoming = message as IncomingMessage;
    return toExchange(incoming.statusCode ?? 0, incoming.headers, incoming, disconnect);
  });
  return { body: request, response: handled(response), disconnect };
}

function sendHttp2(origin: string, path: string, { method, headers }: Asked): Sent {
  const session = connect(origin);
  session.on("error", () => {});
  onTestFinished(() => session.destroy());
  const { host, ...others } = headers ?? {};
  const stream = session.request(
    {
      ":path": path,
      ":method": method ?? "GET",
      ...(host === undefined ? {} : { ":authority": host }),
      ...others,
    },
    { endStream: false },
  );
  stream.on("error", () => {});
  const disconnect = (): void => session.destroy();
  const response = once(stream, "response").then(([head]) => {
    const all = head as IncomingHttpHeaders & { ":status": number };
    return toExchange(all[":status"], all, stream, disconnect);
  });
  return { body: stream, response: handled(response), disconnect };
}

/** Who disconnects does not look at the response any more. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

function toExchange(
  status: number,
  headers: IncomingHttpHeaders,
  body: Readable,
  disconnect: () => void,
): Exchange {
  let text = "";
  let ended = false;
  body.on("data", (piece: Buffer) => (text += piece.toString()));
  body.on("end", () => (ended = true)).on("error", () => {});
  const closed = new Promise<"end" | "cut">((resolve) => {
    // Of HTTP/2, a stream that is reset may end all the same.
    const isReset = (): boolean => "rstCode" in body && body.rstCode !== 0;
    body.on("close", () => resolve(ended && !isReset() ? "end" : "cut"));
  });
  return {
    status,
    headers,
    text: () => text,
    until: (piece) => expect.poll(() => text, { interval: 5, timeout: 5_000 }).toContain(piece),
    closed,
    body,
    disconnect,
  };
}
