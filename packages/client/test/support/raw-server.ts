import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { onTestFinished } from "vitest";

export interface RawRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
  /** When it had come, by `performance.now()`. */
  at: number;
}

/** What a server does with a connection, once a request has come on it. */
export type Script = (socket: Socket, request: RawRequest) => void;

export interface RawServer {
  url: string;
  requests: RawRequest[];
  /** Open connections that a request came on. `fetch` may open others, and keep them for later. */
  sockets: Set<Socket>;
}

/**
 * A server that answers its first request by the first script, and so on, and all others by the last one. It
 * writes the bytes of its responses itself, so that nothing keeps them from being wrong.
 */
export async function rawServer(...scripts: Script[]): Promise<RawServer> {
  const requests: RawRequest[] = [];
  const sockets = new Set<Socket>();
  const all = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let text = "";
    all.add(socket);
    socket.setNoDelay(true);
    socket.on("close", () => all.delete(socket) && sockets.delete(socket));
    socket.on("end", () => socket.end());
    socket.on("error", () => {});
    socket.setEncoding("utf8").on("data", (data) => {
      text += String(data);
      const request = parse(text);
      if (request === undefined) return;
      text = "";
      sockets.add(socket);
      const script = scripts[requests.length] ?? scripts.at(-1);
      requests.push(request);
      script?.(socket, request);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    for (const socket of all) socket.destroy();
    await once(server.close(), "close");
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/stream`, requests, sockets };
}

function parse(text: string): RawRequest | undefined {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [first = "", ...lines] = text.slice(0, end).split("\r\n");
  const [method = "", path = ""] = first.split(" ");
  const fields = lines.map((line) => [
    line.slice(0, line.indexOf(":")).toLowerCase(),
    line.slice(line.indexOf(":") + 1).trim(),
  ]);
  const headers = Object.fromEntries(fields) as Record<string, string>;
  const body = text.slice(end + 4);
  if (Buffer.byteLength(body) < Number(headers["content-length"] ?? 0)) return undefined;
  return { method, path, headers, body, at: performance.now() };
}
