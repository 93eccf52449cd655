import type { ServerResponse } from "node:http";
import type { Http2ServerResponse } from "node:http2";

/** Of HTTP/2 too: what the types of its response lack is there. */
export type NodeResponse = ServerResponse | Http2ServerResponse;

/** Aborts when the connection is lost before the response has been written. */
export function disconnectSignal(res: NodeResponse): AbortSignal {
  const controller = new AbortController();
  const leave = (): void => {
    if (!res.writableEnded) controller.abort();
  };
  if (("stream" in res ? res.stream : res).destroyed) leave();
  else res.once("close", leave);
  return controller.signal;
}

/**
 * Ends a response so that the client notices. In HTTP/2 only an error is told from an end, and `close(code)` may
 * lose it to an end.
 */
export function cutOff(res: NodeResponse): void {
  if ("stream" in res) res.stream.destroy(new Error("the response was cut off"));
  else res.destroy();
}

/**
 * Writes a response, its headers at once and its body as fast as the client takes it. The body is cancelled
 * where the client has gone, or asked with HEAD.
 */
export async function sendResponse(
  response: Response,
  res: NodeResponse,
  signal: AbortSignal,
): Promise<void> {
  const reader = response.body?.getReader();
  try {
    // Ended without us: something in front has lost patience.
    if (signal.aborted || res.writableEnded) return;
    writeHead(response, res as ServerResponse);
    if (reader !== undefined && res.req.method !== "HEAD") {
      await pump(reader, res as ServerResponse, signal).catch((error: unknown) => {
        cutOff(res);
        throw error;
      });
    }
    res.end();
  } finally {
    reader?.cancel().catch(() => {});
  }
}

function writeHead({ status, headers, body }: Response, res: ServerResponse): void {
  res.statusCode = status;
  for (const [name, value] of headersFor(res, headers)) {
    if (name !== "set-cookie") res.setHeader(name, value);
  }
  const cookies = headers.getSetCookie();
  const earlier = [res.getHeader("set-cookie") ?? []].flat().map(String);
  if (cookies.length > 0) res.setHeader("set-cookie", [...earlier, ...cookies]);
  if (body !== null) res.flushHeaders();
}

/** All but those that HTTP/2 forbids, and Node warns of or throws at. */
export function headersFor(res: NodeResponse, headers: Headers): Headers {
  const allowed = new Headers(headers);
  if ("stream" in res) for (const name of CONNECTION_HEADERS) allowed.delete(name);
  return allowed;
}

const CONNECTION_HEADERS = [
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
];

async function pump(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  res: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  let goOn = (): void => {};
  res.on("drain", () => goOn());
  signal.addEventListener("abort", () => {
    reader.cancel().catch(() => {});
    goOn();
  });
  for (;;) {
    const next = await reader.read();
    if (next.done) return;
    if (!res.write(next.value)) await new Promise<void>((resolve) => (goOn = resolve));
  }
}
