import { StreamError } from "@streambed/core/contracts";
import { toErrorResponse } from "@streambed/core";
import type { SseEncoding } from "@streambed/core";
import { HEADER_LAST_EVENT_ID, parseCursor } from "@streambed/core/codec";
import { toSseResponse } from "@streambed/core/engine-kit";
import { assertCursor, assertPositiveInteger } from "@streambed/core/store-kit";
import type { RedisClient } from "@streambed/redis-driver";
import { entriesOf } from "./entries-of.ts";
import type { EntriesOptions } from "./run-log.ts";
import { fillNulls } from "./fill-nulls.ts";
import { errorEntry } from "./run-end.ts";
import { trimLineBreaks } from "./trim-line-breaks.ts";

export interface RunLogResponseOptions extends EntriesOptions {
  /** Its `Last-Event-ID` says where to read on, before anything else does. */
  request?: Request | undefined;
  /** The seq after which to read; as text, what a query says. @default 0 */
  startingAfter?: number | string | undefined;
  /** Pause between comments that keep a quiet connection open. @default 15_000 */
  heartbeatMs?: number | undefined;
}

/**
 * A run as server-sent events: its entries as they were written, each with its seq as `id`. Behind the end of a
 * run that is over it is 204, which tells an `EventSource` to stop. A bad id or cursor is 400, an unknown run
 * 404, entries that are gone or a run that is abandoned 410, a Redis that does not answer 503, each with `{"error", "code"}`.
 *
 * @throws StreamError `INVALID_OPTION`, `UNSUPPORTED`
 */
export async function runLogResponse(
  redis: RedisClient,
  runId: string,
  options: RunLogResponseOptions = {},
): Promise<Response> {
  const { request, startingAfter = 0, heartbeatMs = 15_000, ...rest } = options;
  assertPositiveInteger("heartbeatMs", heartbeatMs);
  const entries = entriesOf(redis, rest);
  try {
    const after = request?.headers.get(HEADER_LAST_EVENT_ID) ?? startingAfter;
    const afterSeq = typeof after === "string" ? parseCursor(after) : after;
    assertCursor(afterSeq);
    const { state, totalChunks } = await entries.statusBehind(runId, afterSeq);
    if (state !== "active" && afterSeq === totalChunks) return new Response(null, { status: 204 });
    return toSseResponse({
      store: entries,
      id: runId,
      afterSeq,
      heartbeatMs,
      encoding: entryEncoding(runId),
    });
  } catch (error) {
    return toErrorResponse(error);
  }
}

function entryEncoding(runId: string): SseEncoding {
  return {
    begin: () => "",
    chunk: ({ seq, data }) => withId(fillNulls(data, { runId, seq }), seq),
    end: () => "",
    failure(error) {
      const { code, message } = StreamError.is(error)
        ? error
        : { code: "UNAVAILABLE", message: "the run cannot be read" };
      return errorEntry(message, { code });
    },
  };
}

/** A whole line that says an id. A mark of byte order counts as nothing at the begin of a response. */
const ID_LINE = /(?<=^\ufeff?|[\r\n])id(?::[^\r\n]*)?(?:\r\n|\r|\n|$)/g;

/** A line of data. */
const DATA_LINE = /(?<=^\ufeff?|[\r\n])data(?::[^\r\n]*)?(?=[\r\n]|$)/g;

/**
 * The entry with its seq as the id of its last event: whoever is cut off in the middle reads it again, and misses
 * nothing. Ids of its own go: of an entry with several events they would be where a reader comes back to.
 */
function withId(data: string, seq: number): string {
  const text = trimLineBreaks(data.replace(ID_LINE, ""));
  let end = text.length;
  // Not at the very end: behind the last event may be comments, which are none.
  for (const { index, 0: line } of text.matchAll(DATA_LINE)) end = index + line.length;
  return `${text.slice(0, end)}\nid: ${seq}${text.slice(end)}\n\n`;
}
