import { encodeSse } from "../codec/encode-sse.ts";
import { CONTROL_EVENTS, fromChunk } from "../codec/stream-event.ts";
import { StreamError } from "../contracts/stream-error.ts";
import type { StreamChunk, StreamStatus } from "../contracts/stream-store.ts";

/** How one response puts a stream on the wire. Each method returns whole events or comments; "" sends nothing. */
export interface SseEncoding {
  /** Further headers of the response. */
  headers?: Record<string, string> | undefined;
  /** Sent first of all, before the stream is read. */
  begin(id: string): string;
  chunk(chunk: StreamChunk): string;
  /** The stored end, after the last chunk. */
  end(status: StreamStatus): string;
  /** Why this reader cannot go on, although the stream may. */
  failure(error: unknown): string;
}

/** The protocol of Streambed: `stream-id`, each chunk with its seq, how it ended, and `done` (PROTOCOL.md). */
export const streamEncoding: SseEncoding = {
  begin: (id) => encodeSse({ event: CONTROL_EVENTS.streamId, data: id }),

  chunk: ({ seq, data }) => encodeSse({ id: String(seq), ...fromChunk(data) }),

  end({ state, error = "" }) {
    const done = encodeSse({ event: CONTROL_EVENTS.done, data: "" });
    if (state === "error") return encodeSse({ event: CONTROL_EVENTS.error, data: error }) + done;
    if (state === "stopped") return encodeSse({ event: CONTROL_EVENTS.stopped, data: "" }) + done;
    return done;
  },

  failure(error) {
    const data = StreamError.is(error)
      ? `${error.code}: ${error.message}`
      : "the stream cannot be read";
    return encodeSse({ event: CONTROL_EVENTS.error, data });
  },
};
