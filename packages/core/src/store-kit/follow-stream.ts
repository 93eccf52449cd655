import { StreamError } from "../contracts/stream-error.ts";
import type { ReadOptions, StreamChunk, StreamStatus } from "../contracts/stream-store.ts";
import { assertCursor } from "./validate.ts";

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
  /**
   * The stream as it is now, `null` if there is none; `afterSeq` is an integer >= 0. Without `needsChunks`
   * the page may come without them: this reader waits for the end only. No promise where the page is at hand:
   * it is asked for with every chunk of a live stream.
   */
  read(afterSeq: number, needsChunks: boolean): Promise<StreamPage | null> | StreamPage | null;
  /**
   * Waits until the stream may differ from `page`, or without `needsChunks` in more than its chunks. May
   * resolve early, but not late: what changed since `page` was read counts. Leaves nothing behind when
   * `signal` aborts; resolves or rejects then. The signal is the reader's own, the same with each call.
   */
  changed(page: StreamPage, signal: AbortSignal, needsChunks: boolean): Promise<void>;
  /** Called once at the end of a reading that had begun, however it ended. */
  close?(): void;
}

/**
 * The reading half of the contract, for every store: cursor rules, order, ends, errors, clean-up.
 */
export function followStream(
  stream: FollowedStream,
  afterSeq: number,
  options: ReadOptions = {},
): AsyncGenerator<StreamChunk, StreamStatus, undefined> {
  return new StreamReader(stream, afterSeq, options.signal);
}

/**
 * Makes a reader of {@link followStream} pass over all chunks, so that its first step is the end: whoever
 * only waits for that need not pay for the chunks. Any other reader stays as it is.
 */
export function endOnly<Reader extends AsyncGenerator<StreamChunk, StreamStatus, undefined>>(
  reader: Reader,
): Reader {
  if (reader instanceof StreamReader) reader.needsChunks = false;
  return reader;
}

type Step = IteratorResult<StreamChunk, StreamStatus>;

/**
 * Not an `async function*`: `return()` on one of those waits for a pending `next()`, and a reader that
 * leaves must not wait for the next chunk. And a chunk of a page that is here costs one promise, not six.
 */
class StreamReader implements AsyncGenerator<StreamChunk, StreamStatus, undefined> {
  needsChunks = true;
  readonly #stream: FollowedStream;
  readonly #signal: AbortSignal | undefined;
  /** Aborts when the reader leaves, or is made to. */
  readonly #left: AbortController = new AbortController();
  #cursor: number;
  #page: StreamPage | undefined;
  /** How many chunks of the page are taken. */
  #taken = 0;
  #state: "new" | "reading" | "over" = "new";
  /** Steps run one after the other, in the order in which they were asked for. */
  #lastStep: Promise<unknown> = Promise.resolve();
  #steps = 0;
  #interrupt: (reason: unknown) => void = () => {};

  constructor(stream: FollowedStream, afterSeq: number, signal: AbortSignal | undefined) {
    this.#stream = stream;
    this.#cursor = afterSeq;
    this.#signal = signal;
  }

  next(): Promise<Step> {
    const hasChunk = this.#page !== undefined && this.#taken < this.#page.chunks.length;
    if (hasChunk && this.#steps === 0 && !this.#left.signal.aborted) {
      return Promise.resolve(this.#take(this.#page!));
    }
    return this.#enqueue(() => this.#advance());
  }

  return(value?: StreamStatus | PromiseLike<StreamStatus>): Promise<Step> {
    this.#leave("the reader has left");
    return this.#enqueue(async () => {
      this.#finish();
      return { done: true, value: (await value) as StreamStatus };
    });
  }

  async throw(error: unknown): Promise<Step> {
    await this.return();
    throw error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #enqueue(step: () => Promise<Step>): Promise<Step> {
    const result = this.#steps++ === 0 ? step() : this.#lastStep.then(step);
    const settled = (): void => void this.#steps--;
    this.#lastStep = result.then(settled, settled);
    return result;
  }

  async #advance(): Promise<Step> {
    if (this.#state === "over") return LEFT;
    try {
      if (this.#state === "new") this.#begin();
      return await this.#nextStep();
    } catch (error) {
      this.#finish();
      // Whatever the store threw when it was interrupted, the caller is told their own reason.
      this.#signal?.throwIfAborted();
      if (this.#left.signal.aborted) return LEFT;
      throw error;
    }
  }

  #begin(): void {
    this.#signal?.throwIfAborted();
    assertCursor(this.#cursor);
    this.#state = "reading";
    this.#signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  #finish(): void {
    if (this.#state === "reading") {
      this.#signal?.removeEventListener("abort", this.#onAbort);
      this.#stream.close?.();
    }
    this.#state = "over";
    this.#page = undefined;
  }

  readonly #onAbort = (): void => this.#leave(this.#signal?.reason);

  #leave(reason: unknown): void {
    this.#left.abort(reason);
    this.#interrupt(reason);
  }

  /** A chunk, or the end. */
  async #nextStep(): Promise<Step> {
    for (;;) {
      this.#left.signal.throwIfAborted();
      const page = this.#page;
      if (page !== undefined) {
        const { status, chunks } = page;
        if (!this.needsChunks) this.#cursor = status.totalChunks;
        else if (this.#taken < chunks.length) return this.#take(page);
        if (this.#cursor < status.totalChunks) {
          if (chunks.length === 0) throw lost(status.totalChunks, this.#cursor);
        } else if (status.state !== "active") {
          this.#finish();
          return { done: true, value: status };
        } else if (chunks.length === 0) {
          await this.#stream.changed(page, this.#left.signal, this.needsChunks);
          this.#left.signal.throwIfAborted();
        }
      }
      const found = this.#stream.read(this.#cursor, this.needsChunks);
      const fresh = isPromise(found) ? await this.#orLeft(found) : found;
      this.#page = this.#checked(fresh, page);
      this.#taken = 0;
    }
  }

  #take(page: StreamPage): Step {
    const data = page.chunks[this.#taken++]!;
    return { done: false, value: { seq: ++this.#cursor, data } };
  }

  /** @throws StreamError if `page` does not go on from `before`, the page before it */
  #checked(page: StreamPage | null, before: StreamPage | undefined): StreamPage {
    if (page === null || (before !== undefined && page.epoch !== before.epoch)) {
      if (before === undefined) throw new StreamError("NOT_FOUND", "there is no such stream");
      throw new StreamError("EXPIRED", "the stream was deleted, expired or re-created");
    }
    const { totalChunks } = page.status;
    if (this.#cursor > totalChunks) {
      if (before !== undefined) throw lost(this.#cursor, totalChunks);
      const message = `the cursor ${this.#cursor} is past seq ${totalChunks}`;
      throw new StreamError("INVALID_CURSOR", message);
    }
    return page;
  }

  /** `promise`, or the reason to leave if that comes first. */
  #orLeft<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#interrupt = reject;
      promise.then(resolve, reject);
    });
  }
}

function isPromise<T>(value: Promise<T> | T): value is Promise<T> {
  return typeof value === "object" && value !== null && "then" in value;
}

/** What a step resolves to that somebody asked for before they left. */
const LEFT: Step = { done: true, value: undefined as unknown as StreamStatus };

function lost(expected: number, found: number): StreamError {
  return new StreamError("LOST", `the stream should hold ${expected} chunks, and holds ${found}`);
}
