import type { StreamChunk, StreamStatus, StreamStore } from "../contracts/stream-store.ts";
import { encodeSseComment } from "../codec/encode-sse.ts";
import { HEADER_STREAM_ID } from "../codec/headers.ts";
import { Heartbeat } from "./heartbeat.ts";
import { streamEncoding } from "./sse-encoding.ts";
import type { SseEncoding } from "./sse-encoding.ts";

export interface SseResponseOptions {
  store: StreamStore;
  id: string;
  afterSeq: number;
  heartbeatMs: number;
  /** For this response alone: it may remember what it has sent. @default Streambed's protocol */
  encoding?: SseEncoding | undefined;
}

/**
 * A stream as server-sent events, with comments while it is quiet. Without the encoding's sign of an end, the
 * end is not stored, and the reader should come back.
 *
 * Nothing is read before the body is, and never more than the reader takes.
 */
export function toSseResponse(options: SseResponseOptions): Response {
  const { store, id, afterSeq, heartbeatMs, encoding = streamEncoding } = options;
  const encoder = new TextEncoder();
  let chunks: AsyncGenerator<StreamChunk, StreamStatus, undefined> | undefined;
  let heartbeat: Heartbeat | undefined;
  let left = false;

  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const send = (text: string): void => {
          if (text !== "") controller.enqueue(encoder.encode(text));
        };
        if (chunks === undefined) {
          chunks = store.readFrom(id, afterSeq);
          const opening = encoding.begin(id);
          // A pull that brings nothing is not followed by another.
          if (opening !== "") return send(opening);
        }
        // Only while the stream is quiet, and one at a time: what a slow reader leaves must not pile up.
        heartbeat ??= new Heartbeat(heartbeatMs, () => {
          if (controller.desiredSize === 0) send(encodeSseComment("heartbeat"));
        });
        heartbeat.waitBegins();
        const { text, last } = await nextPiece(chunks, encoding);
        heartbeat.waitIsOver();
        if (left) return;
        send(text);
        if (!last) return;
        heartbeat.close();
        controller.close();
      },
      async cancel() {
        left = true;
        heartbeat?.close();
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
      ...encoding.headers,
    },
  });
}

/** What to send next, and whether it is the last: an end, or why this reader cannot go on. */
async function nextPiece(
  chunks: AsyncGenerator<StreamChunk, StreamStatus, undefined>,
  encoding: SseEncoding,
): Promise<{ text: string; last: boolean }> {
  try {
    for (;;) {
      const next = await chunks.next();
      if (next.done === true) return { text: encoding.end(next.value), last: true };
      const text = encoding.chunk(next.value);
      if (text !== "") return { text, last: false };
    }
  } catch (error) {
    return { text: encoding.failure(error), last: true };
  }
}
