import { PRODUCER_LOST } from "@streambed/core/contracts";
import type { AppendOptions, StreamEnd, StreamStatus } from "@streambed/core/contracts";
import { unref } from "@streambed/core/store-kit";
import type { Batch, StreamPage } from "@streambed/core/store-kit";

/** How many chunks a reader is handed at a time. */
const PAGE_CHUNKS = 256;

export interface StreamRecordOptions {
  writer: string | undefined;
  leaseMs: number | undefined;
  ttlSec: number;
}

/** One stream in memory, with its own clock. */
export class StreamRecord {
  readonly epoch: string = crypto.randomUUID();
  readonly writer: string | undefined;
  readonly chunks: string[] = [];
  /** The seq of the last chunk: what was acknowledged, whatever becomes of `chunks`. */
  lastSeq = 0;
  bytes = 0;
  lastOp: string | undefined;
  #end: "stopped" | StreamEnd | undefined;
  #leaseEndsAt = Infinity;
  #expiresAt = Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #disposed = false;
  #expired: () => void = () => {};
  readonly #waiters: Set<() => void> = new Set();
  readonly #options: StreamRecordOptions;

  constructor(options: StreamRecordOptions) {
    this.#options = options;
    this.writer = options.writer;
    this.#renew();
  }

  status(): StreamStatus {
    const totalChunks = this.lastSeq;
    if (this.#end === undefined) return { state: "active", totalChunks };
    if (typeof this.#end === "string") return { state: this.#end, totalChunks };
    return { state: "error", error: this.#end.error, totalChunks };
  }

  page(afterSeq: number): StreamPage {
    const chunks = this.chunks.slice(afterSeq, afterSeq + PAGE_CHUNKS);
    return { epoch: this.epoch, status: this.status(), chunks };
  }

  append(batch: Batch, options: AppendOptions): void {
    if (batch.chunks.length > 0) {
      for (const chunk of batch.chunks) this.chunks.push(chunk);
      this.lastSeq += batch.chunks.length;
      this.bytes += batch.bytes;
      this.lastOp = options.op;
    }
    if (options.end !== undefined) {
      this.lastOp = options.op;
      this.end(options.end);
      return;
    }
    this.#renew();
    if (batch.chunks.length > 0) this.#announce();
  }

  /** The first end counts. */
  end(end: "stopped" | StreamEnd): void {
    if (this.#end !== undefined) return;
    // A copy: the caller may go on using theirs.
    this.#end = typeof end === "string" ? end : { error: end.error };
    this.#leaseEndsAt = Infinity;
    this.#expiresAt = performance.now() + this.#options.ttlSec * 1000;
    this.#schedule();
    this.#announce();
  }

  /** Resolves once the stream differs from `page`, or `signal` aborts. */
  changed(page: StreamPage, signal: AbortSignal): Promise<void> {
    const now = this.status();
    const same = page.epoch === this.epoch && page.status.totalChunks === now.totalChunks;
    if (!same || page.status.state !== now.state || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const finish = (): void => {
        this.#waiters.delete(finish);
        signal.removeEventListener("abort", finish);
        resolve();
      };
      this.#waiters.add(finish);
      signal.addEventListener("abort", finish, { once: true });
    });
  }

  /** Calls `expired` once the stream's time is over. */
  onExpiry(expired: () => void): void {
    this.#expired = expired;
  }

  /** Ends the stream if the producer's lease has lapsed; expires it if its time is over. */
  checkClock(): void {
    const now = performance.now();
    if (this.#end === undefined && now >= this.#leaseEndsAt) this.end({ error: PRODUCER_LOST });
    if (now >= this.#expiresAt) this.#expired();
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
    this.#announce();
  }

  #renew(): void {
    const { leaseMs, ttlSec } = this.#options;
    const now = performance.now();
    if (leaseMs !== undefined) this.#leaseEndsAt = now + leaseMs;
    this.#expiresAt = now + Math.max(ttlSec * 1000, 2 * (leaseMs ?? 0));
    // A timer that fires early looks again: cheaper than a new one with every append.
    if (this.#timer === undefined) this.#schedule();
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const dueAt = Math.min(this.#leaseEndsAt, this.#expiresAt);
    // setTimeout takes at most 2^31 - 1 ms.
    const ms = Math.min(Math.max(dueAt - performance.now(), 1), 2 ** 31 - 1);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.checkClock();
      // Not by a second look at the clock: between the two the time may have come.
      if (!this.#disposed && this.#timer === undefined) this.#schedule();
    }, ms);
    unref(this.#timer);
  }

  #announce(): void {
    for (const waiter of [...this.#waiters]) waiter();
  }
}
