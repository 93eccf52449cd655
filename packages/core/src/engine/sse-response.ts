import { StreamError } from "../contracts/stream-error.ts";
import type { StreamChunk, StreamStatus, StreamStore } from "../contracts/stream-store.ts";
import { encodeSse, encodeSseComment } from "../codec/encode-sse.ts";
import { HEADER_STREAM_ID } from "../codec/headers.ts";
import { CONTROL_EVENTS, fromChunk } from "../codec/stream-event.ts";
import { LONGEST_TIMER_MS, unref } from "../store-kit/sleep.ts";

export interface SseResponseOptions {
  store: StreamStore;
  id: string;
  afterSeq: number;
  heartbeatMs: number;
}

/**
 * A stream as server-sent events: `stream-id`, every chunk with its seq as `id`, then how it ended,
 * then `done`. Without `done` the end is not stored, and the reader should come back.
 *
 * Nothing is read before the body is, and never more than the reader takes.
 */
export function toSseResponse(options: SseResponseOptions): Response {
  const { store, id, afterSeq, heartbeatMs } = options;
  const encoder = new TextEncoder();
  let chunks: AsyncGenerator<StreamChunk, StreamStatus, undefined> | undefined;
  let heartbeat: ReturnType<typeof setInterval> | undefined;
  let left = false;

  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const send = (text: string): void => controller.enqueue(encoder.encode(text));
        if (chunks === undefined) {
          chunks = store.readFrom(id, afterSeq);
          return send(encodeSse({ event: CONTROL_EVENTS.streamId, data: id }));
        }
        // Only while the stream is quiet, and one at a time: what a slow reader leaves must not pile up.
        heartbeat = setInterval(
          () => {
            if (controller.desiredSize === 0) send(encodeSseComment("heartbeat"));
          },
          Math.min(heartbeatMs, LONGEST_TIMER_MS),
        );
        unref(heartbeat);
        const { text, last } = await nextPiece(chunks);
        clearInterval(heartbeat);
        if (left) return;
        send(text);
        if (last) controller.close();
      },
      async cancel() {
        left = true;
        clearInterval(heartbeat);
        await chunks?.return(undefined as unknown as StreamStatus);
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache, no-transform",
      "x-accel-buffering": "no",
      [HEADER_STREAM_ID]: id,
    },
  });
}

/** What to send next, and whether it is the last: an end, or why this reader cannot go on. */
async function nextPiece(
  chunks: AsyncGenerator<StreamChunk, StreamStatus, undefined>,
): Promise<{ text: string; last: boolean }> {
  try {
    const next = await chunks.next();
    if (next.done !== true) return { text: encodeChunk(next.value), last: false };
    return { text: encodeEnd(next.value), last: true };
  } catch (error) {
    const data = describeReadError(error);
    return { text: encodeSse({ event: CONTROL_EVENTS.error, data }), last: true };
  }
}

function encodeChunk({ seq, data }: StreamChunk): string {
  return encodeSse({ id: String(seq), ...fromChunk(data) });
}

function encodeEnd({ state, error = "" }: StreamStatus): string {
  const done = encodeSse({ event: CONTROL_EVENTS.done, data: "" });
  if (state === "error") return encodeSse({ event: CONTROL_EVENTS.error, data: error }) + done;
  if (state === "stopped") return encodeSse({ event: CONTROL_EVENTS.stopped, data: "" }) + done;
  return done;
}

function describeReadError(error: unknown): string {
  return StreamError.is(error) ? `${error.code}: ${error.message}` : "the stream cannot be read";
}
