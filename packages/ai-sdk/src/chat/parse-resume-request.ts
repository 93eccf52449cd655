import { cursorOf } from "@streambed/core";
import { HEADER_LAST_EVENT_ID, parseCursor, QUERY_AFTER } from "@streambed/core/codec";

/** The stream that the query names, as it is; `null` if it names none. */
export function namedStreamOf(request: Request): string | null {
  return new URL(request.url).searchParams.get("streamId");
}

/**
 * The seq of the last chunk that the client has; undefined if it does not say, and has nothing, or none that
 * it counts on.
 *
 * @throws StreamError `INVALID_CURSOR`
 */
export function parseAnyCursor(request: Request): number | undefined {
  const says =
    request.headers.has(HEADER_LAST_EVENT_ID) || new URL(request.url).searchParams.has(QUERY_AFTER);
  return says ? parseCursor(cursorOf(request)) : undefined;
}
