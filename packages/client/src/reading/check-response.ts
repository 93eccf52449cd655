import { StreamClientError } from "../stream-client-error.ts";
import type { StreamClientErrorCode } from "../stream-client-error.ts";
import { parseRetryAfter } from "./back-off.ts";

/** Why an attempt failed that may be made again. */
export function tryAgain(
  message: string,
  afterMs?: number,
): Error & { afterMs: number | undefined } {
  return Object.assign(new Error(message), { afterMs });
}

const CODES: Record<number, StreamClientErrorCode> = {
  204: "NOT_FOUND",
  401: "DENIED",
  403: "DENIED",
  404: "NOT_FOUND",
  410: "LOST",
};

/**
 * Passes a response on if it is OK.
 *
 * @throws an error of `tryAgain` for what passes: 408, 425, 429 and all from 500 on
 * @throws StreamClientError for the rest
 */
export async function checkStatus(response: Response): Promise<Response> {
  const { status, headers } = response;
  if (response.ok && status !== 204) return response;
  const message = await messageOf(response);
  if (status >= 500 || [408, 425, 429].includes(status)) {
    throw tryAgain(message, parseRetryAfter(headers.get("retry-after")));
  }
  throw new StreamClientError(CODES[status] ?? "REFUSED", message, { status });
}

/**
 * Passes a response on if it is OK and an event stream with a body.
 *
 * @param wasStream whether there was one before: then a web page may be that of a proxy, and pass
 * @throws StreamClientError, or an error of `tryAgain`
 */
export async function checkStream(response: Response, wasStream: boolean): Promise<Response> {
  await checkStatus(response);
  const type = response.headers.get("content-type") ?? "";
  if (/^text\/event-stream/i.test(type) && response.body) return response;
  const message = `no event stream: ${type}`;
  if (wasStream) throw tryAgain(message);
  throw new StreamClientError("PROTOCOL", message);
}

/** What the server says: `{"error"}`, as it answers where it refuses, or its status. */
async function messageOf(response: Response): Promise<string> {
  const body = (await response.json().catch(() => null)) as { error?: unknown } | null;
  return typeof body?.error === "string" ? body.error : `HTTP ${response.status}`;
}
