import { StreamError } from "../contracts/stream-error.ts";
import { HEADER_LAST_EVENT_ID, QUERY_AFTER } from "./headers.ts";

/**
 * Where a request wants to read on, as it says it. The header wins: an `EventSource` that reconnects
 * by itself sends it along with the query of its first request.
 */
export function cursorOf(request: Request): string {
  const header = request.headers.get(HEADER_LAST_EVENT_ID);
  return header ?? new URL(request.url).searchParams.get(QUERY_AFTER) ?? "0";
}

/**
 * A cursor as it is written: decimal digits, nothing else, no leading zero.
 *
 * @throws StreamError `INVALID_CURSOR`
 */
export function parseCursor(text: string): number {
  const seq = /^(0|[1-9][0-9]{0,14})$/.test(text) ? Number(text) : NaN;
  if (Number.isNaN(seq)) {
    throw new StreamError(
      "INVALID_CURSOR",
      `the cursor ${JSON.stringify(text.slice(0, 40))} is not a whole number >= 0`,
    );
  }
  return seq;
}
