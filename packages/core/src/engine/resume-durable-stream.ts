import { StreamError } from "../contracts/stream-error.ts";
import type { StreamStore } from "../contracts/stream-store.ts";
import { parseCursor } from "../codec/cursor.ts";
import { assertCursor, assertPositiveInteger } from "../store-kit/validate.ts";
import { toErrorResponse } from "./error-response.ts";
import type { SseEncoding } from "./sse-encoding.ts";
import { toSseResponse } from "./sse-response.ts";

export interface ResumeDurableStreamOptions {
  store: StreamStore;
  id: string;
  /** The seq after which to read; as text, what `cursorOf(request)` found. @default 0 */
  after?: number | string | undefined;
  /** Pause between comments that keep a quiet connection open. @default 15_000 */
  heartbeatMs?: number | undefined;
  /** How the response puts the stream on the wire. @default Streambed's protocol */
  encoding?: SseEncoding | undefined;
}

/**
 * The rest of a stream as server-sent events, stored or still to come. A bad id or cursor is 400, an
 * unknown stream 404, a store that does not answer 503, each with `{"error", "code"}`.
 *
 * @throws StreamError `INVALID_OPTION`
 */
export async function resumeDurableStream(options: ResumeDurableStreamOptions): Promise<Response> {
  const { store, id, after = 0, heartbeatMs = 15_000, encoding } = options;
  assertPositiveInteger("heartbeatMs", heartbeatMs);
  try {
    const afterSeq = typeof after === "string" ? parseCursor(after) : after;
    assertCursor(afterSeq);
    const status = await store.getStatus(id);
    if (status === null) throw new StreamError("NOT_FOUND", "there is no such stream");
    if (afterSeq > status.totalChunks) {
      const last = status.totalChunks;
      throw new StreamError("INVALID_CURSOR", `the cursor ${afterSeq} is past seq ${last}`);
    }
    return toSseResponse({ store, id, afterSeq, heartbeatMs, encoding });
  } catch (error) {
    return toErrorResponse(error);
  }
}
