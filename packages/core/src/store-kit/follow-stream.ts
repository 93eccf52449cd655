import { StreamError } from "../contracts/stream-error.ts";
import type { ReadOptions, StreamChunk, StreamStatus } from "../contracts/stream-store.ts";

/** One consistent look at a stream. */
export interface StreamPage {
  /** Differs between two streams that had the same id one after the other. */
  epoch: string;
  status: StreamStatus;
  /** The chunks behind the cursor, or the first of them; empty only if there are none. */
  chunks: readonly string[];
}

/** What a store must be able to do for {@link followStream}. */
export interface FollowedStream {
  /** The stream as it is now, `null` if there is none. */
  read(afterSeq: number): Promise<StreamPage | null>;
  /**
   * Waits until the stream may differ from `page`. May resolve early, but not late: what changed since
   * `page` was read counts. Leaves nothing behind when `signal` aborts; resolves or rejects then.
   */
  changed(page: StreamPage, signal: AbortSignal): Promise<void>;
  /** Called once at the end of a reading that had begun, however it ended. */
  close?(): void;
}

/**
 * The reading half of the contract, for every store: cursor rules, order, ends, errors, clean-up.
 *
 * It is not a bare async generator, because `return()` on one of those waits for a pending `next()`,
 * and a reader that leaves must not wait for the next chunk.
 */
export function followStream(
  stream: FollowedStream,
  afterSeq: number,
  options: ReadOptions = {},
): AsyncGenerator<StreamChunk, StreamStatus, undefined> {
  const left = new AbortController();
  const chunks = readChunks(stream, afterSeq, left, options.signal);
  return {
    next: () => chunks.next(),
    return: (value) => {
      left.abort(LEFT);
      return chunks.return(value as StreamStatus);
    },
    throw: (error) => {
      left.abort(LEFT);
      return chunks.throw(error);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    async [Symbol.asyncDispose]() {
      left.abort(LEFT);
      await chunks.return(undefined as unknown as StreamStatus);
    },
  };
}

const LEFT = Symbol("the reader has left");

async function* readChunks(
  stream: FollowedStream,
  afterSeq: number,
  left: AbortController,
  signal: AbortSignal | undefined,
): AsyncGenerator<StreamChunk, StreamStatus, undefined> {
  const onAbort = (): void => left.abort(signal?.reason);
  signal?.throwIfAborted();
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    return yield* readPages(stream, afterSeq, left.signal);
  } catch (error) {
    // Whatever the store threw when it was interrupted, the caller is told their own reason.
    signal?.throwIfAborted();
    // Only a caller of `return()` is left to see this, and gets `done: true`.
    if (left.signal.aborted) return undefined as unknown as StreamStatus;
    throw error;
  } finally {
    signal?.removeEventListener("abort", onAbort);
    stream.close?.();
  }
}

async function* readPages(
  stream: FollowedStream,
  afterSeq: number,
  signal: AbortSignal,
): AsyncGenerator<StreamChunk, StreamStatus, undefined> {
  let cursor = afterSeq;
  let epoch: string | undefined;
  for (;;) {
    const page = await untilAborted(stream.read(cursor), signal);
    if (page === null || (epoch !== undefined && page.epoch !== epoch)) {
      if (epoch === undefined) throw new StreamError("NOT_FOUND", "there is no such stream");
      throw new StreamError("EXPIRED", "the stream was deleted, expired or re-created");
    }
    const { totalChunks } = page.status;
    if (cursor > totalChunks) {
      if (epoch !== undefined) throw lost(cursor, totalChunks);
      throw new StreamError("INVALID_CURSOR", `the cursor ${cursor} is past seq ${totalChunks}`);
    }
    epoch = page.epoch;
    for (const data of page.chunks) {
      yield { seq: ++cursor, data };
      signal.throwIfAborted();
    }
    if (cursor < totalChunks) {
      if (page.chunks.length === 0) throw lost(totalChunks, cursor);
    } else if (page.status.state !== "active") {
      return page.status;
    } else if (page.chunks.length === 0) {
      await stream.changed(page, signal);
      signal.throwIfAborted();
    }
  }
}

function lost(expected: number, found: number): StreamError {
  return new StreamError("LOST", `the stream should hold ${expected} chunks, and holds ${found}`);
}

/** `promise`, or the signal's reason if that comes first. */
async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (onAbort) signal.removeEventListener("abort", onAbort);
  }
}
