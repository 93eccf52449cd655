import type { StreamStatus, StreamStore } from "../contracts/stream-store.ts";
import { assertPositiveInteger } from "../store-kit/validate.ts";
import { generate } from "./generation.ts";
import { messageOf } from "./message-of.ts";
import { pump } from "./pump.ts";
import type { StreamSource } from "./pump.ts";
import type { SseEncoding } from "./sse-encoding.ts";
import { toSseResponse } from "./sse-response.ts";

export interface CreateDurableStreamOptions {
  store: StreamStore;
  /**
   * What to store and send: an async iterable of text and events, or a function that makes one. The
   * function's signal aborts as soon as nothing more can be stored: the stream was stopped, from any
   * process, or is no longer this producer's. It does not abort because a reader has left.
   */
  source: StreamSource;
  /** The stream's id. @default a random UUID */
  id?: string | undefined;
  /** After how long without a sign of life this producer counts as lost. @default 15_000 */
  leaseMs?: number | undefined;
  /** How long the stream is kept after its end. @default the store's `ttlSec` */
  ttlSec?: number | undefined;
  /**
   * The least time between two appends while chunks come faster than that, in milliseconds: they gather, and
   * go together. Longer saves the store work, and costs readers that much; 0 sends what there is. @default 1
   */
  flushIntervalMs?: number | undefined;
  /** How many chunks do not wait for that. @default 2_000 */
  flushSize?: number | undefined;
  /** Pause between comments that keep a quiet connection open. @default 15_000 */
  heartbeatMs?: number | undefined;
  /** How the response puts the stream on the wire. @default Streambed's protocol */
  encoding?: SseEncoding | undefined;
  /** Handed `finished`, where a platform must be asked to wait for work behind the response. */
  waitUntil?: ((finished: Promise<unknown>) => void) | undefined;
  /** The text that readers get when the source fails. @default the error's message */
  describeError?: ((error: unknown) => string) | undefined;
}

export interface DurableStream {
  id: string;
  /** The stream from its beginning, for whoever asked for it. Leaving it unread costs nothing. */
  response: Response;
  /**
   * The stored end. Rejects with a `StreamError` if this producer could not store one (`FENCED`,
   * `NOT_FOUND`, `EXPIRED`, `UNAVAILABLE`), or cannot read what it stored (`LOST`); need not be awaited.
   */
  finished: Promise<StreamStatus>;
  /** Stops the stream, as anyone can who knows its id. */
  stop(): Promise<void>;
}

/**
 * Starts a generation that outlives every connection, and resolves once its stream exists.
 *
 * @throws StreamError `ALREADY_EXISTS`, `INVALID_ID`, `INVALID_OPTION`, `UNAVAILABLE`
 */
export async function createDurableStream(
  options: CreateDurableStreamOptions,
): Promise<DurableStream> {
  const { store, source, id = crypto.randomUUID(), leaseMs = 15_000, ttlSec } = options;
  const { heartbeatMs = 15_000, describeError = messageOf } = options;
  const { flushIntervalMs = 1, flushSize = 2_000, encoding } = options;
  assertPositiveInteger("heartbeatMs", heartbeatMs);
  assertPositiveInteger("flushSize", flushSize);
  if (flushIntervalMs !== 0) assertPositiveInteger("flushIntervalMs", flushIntervalMs);
  const writer = crypto.randomUUID();
  await store.create(id, { writer, leaseMs, ttlSec });
  const timing = { leaseMs, flushIntervalMs, flushSize };
  const finished = generate({
    store,
    id,
    pump: (signal, stored) => pump(source, signal, stored).then(() => "done"),
    writer,
    ...timing,
    describeError,
  });
  finished.catch(() => {});
  options.waitUntil?.(finished);
  return {
    id,
    response: toSseResponse({ store, id, afterSeq: 0, heartbeatMs, encoding }),
    finished,
    stop: () => store.stop(id),
  };
}
