import { SseDecoder } from "@streambed/core/codec";
import type { DecodedSseEvent } from "@streambed/core/codec";
import type { RequestHandler } from "@streambed/core";

const BASE = "http://app.test";

export function post(
  handler: RequestHandler,
  path: string,
  body: unknown,
  init: RequestInit = {},
): Promise<Response> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const url = `${BASE}${handler.prefix}${path}`;
  return handler(new Request(url, { method: "POST", body: text, ...init }));
}

export function get(
  handler: RequestHandler,
  path: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  return handler(new Request(`${BASE}${handler.prefix}${path}`, { headers }));
}

/** All events of a response. */
export async function eventsOf(response: Response): Promise<DecodedSseEvent[]> {
  const decoder = new SseDecoder();
  return decoder.decode(await response.text());
}

/** What a response says, short: `text`, `[event] data` or `[event]`, without the stream's id. */
export async function linesOf(response: Response): Promise<string[]> {
  const events = await eventsOf(response);
  return events
    .filter(({ event }) => event !== "stream-id")
    .map(({ event, data }) => (event === "" ? data : `[${event}] ${data}`.trimEnd()));
}

/** Reads until `text` has been seen, and leaves the rest unread. */
export async function readUntil(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  text: string,
): Promise<void> {
  const decoder = new TextDecoder();
  let seen = "";
  while (!seen.includes(text)) {
    const next = await reader.read();
    if (next.done) throw new Error(`the response ended before ${JSON.stringify(text)}: ${seen}`);
    seen += decoder.decode(next.value, { stream: true });
  }
}
