import { StreamError } from "../contracts/stream-error.ts";
import type { StreamEnd, StreamStore } from "../contracts/stream-store.ts";
import { LONGEST_TIMER_MS, sleep, unref } from "../store-kit/sleep.ts";
import { untilHeartbeat } from "./until-heartbeat.ts";

/** Chunks of one append, at most: what a store can take in one step without holding up others. */
const BATCH_CHUNKS = 2_000;
/** UTF-16 units of one append, at most, unless a single chunk is longer. */
const BATCH_UNITS = 262_144;
/** What may wait in memory before the source is made to wait. */
const BUFFER_CHUNKS = 4_000;
const BUFFER_UNITS = 1_048_576;
const RETRY_MS = { first: 50, most: 1_000 };

export interface StreamWriterOptions {
  writer: string;
  /** The lease given to `create`, in milliseconds: heartbeats keep it alive. */
  leaseMs: number;
  /** The least time between two appends, in milliseconds, while fewer than `flushSize` chunks wait. */
  flushIntervalMs: number;
  flushSize: number;
  /** The seq behind which the first chunk belongs. @default 0 */
  seq?: number | undefined;
  /** Called once, when the store refuses to take anything more; `write` and `end` reject from then on. */
  onRefused: (error: unknown) => void;
}

/**
 * Writes one stream, an append at a time: while one is under way chunks gather, and go together as the
 * next. A failed append is repeated as it was, under the same `op`, until the lease must have lapsed.
 */
export class StreamWriter {
  readonly #store: StreamStore;
  readonly #id: string;
  readonly #options: StreamWriterOptions;
  #buffer: string[] = [];
  #units = 0;
  #ops = 0;
  /** The seq of the last chunk that is stored. */
  #seq: number;
  #end: StreamEnd | undefined;
  #beat = false;
  #isUrgent = false;
  /** Aborts when nothing more is taken; its reason says why. */
  readonly #closing: AbortController = new AbortController();
  #appending = false;
  #appended: Promise<void> = Promise.resolve();
  #roomMade: (() => void) | undefined;
  /** Ends the time in which chunks gather. */
  #hurry: () => void = () => {};
  #heartbeat: ReturnType<typeof setTimeout> | undefined;
  /** When the last append was sent. */
  #startedAt: number = -Infinity;
  #acknowledgedAt: number = performance.now();

  constructor(store: StreamStore, id: string, options: StreamWriterOptions) {
    this.#store = store;
    this.#id = id;
    this.#options = options;
    this.#seq = options.seq ?? 0;
    this.#scheduleHeartbeat();
  }

  /**
   * Takes a chunk. Undefined if there is room for the next one, else a promise of it, to be awaited before
   * anything more is written. It rejects with what the store refused with.
   */
  write(chunk: string): Promise<void> | undefined {
    if (this.#closed.aborted) return Promise.reject(this.#closed.reason as Error);
    this.#buffer.push(chunk);
    this.#units += chunk.length;
    if (!this.#appending) void this.#flush();
    else if (this.#isFull) this.#hurry();
    return this.hasRoom ? undefined : this.#room();
  }

  /** Whether one more chunk may be written. */
  get hasRoom(): boolean {
    return this.#units < BUFFER_UNITS && this.#buffer.length < BUFFER_CHUNKS;
  }

  async #room(): Promise<void> {
    await new Promise<void>((resolve) => (this.#roomMade = resolve));
    this.#closed.throwIfAborted();
  }

  /** Stores what waits, without letting more gather. @throws what the store refused with */
  async flush(): Promise<void> {
    this.#isUrgent = true;
    this.#hurry();
    await this.#flush();
    this.#closed.throwIfAborted();
  }

  /** Stores what is left and ends the stream. @throws what the store refused with */
  async end(end: StreamEnd): Promise<void> {
    this.#closed.throwIfAborted();
    this.#end = end;
    this.#hurry();
    await this.#flush();
    if (this.#end !== undefined) this.#closed.throwIfAborted();
  }

  /** Stops heartbeats and repetitions, and drops what is not yet stored. */
  close(reason: unknown = new StreamError("NOT_ACTIVE", "the writer is closed")): void {
    if (this.#closed.aborted) return;
    this.#closing.abort(reason);
    clearTimeout(this.#heartbeat);
    this.#buffer = [];
    this.#hurry();
    this.#roomMade?.();
  }

  /** Resolves when nothing is left to store. Never rejects: a refusal closes the writer. */
  #flush(): Promise<void> {
    if (!this.#appending) {
      this.#appending = true;
      this.#appended = this.#appendAll();
    }
    return this.#appended;
  }

  async #appendAll(): Promise<void> {
    for (;;) {
      const tooSoonMs = this.#startedAt + this.#options.flushIntervalMs - performance.now();
      const isDue = this.#isFull || this.#isUrgent || this.#end !== undefined;
      const mayGather = this.#buffer.length > 0 && !isDue;
      if (mayGather && tooSoonMs > 0) await this.#gather(tooSoonMs);
      this.#startedAt = performance.now();
      const batch = this.#takeBatch();
      const end = this.#buffer.length === 0 ? this.#end : undefined;
      const due = batch.length > 0 || end !== undefined || this.#beat;
      if (!due || this.#closed.aborted) break;
      this.#beat = false;
      try {
        await this.#append(batch, end);
      } catch (error) {
        if (!this.#closed.aborted) {
          this.close(error);
          this.#options.onRefused(error);
        }
        break;
      }
      if (end !== undefined) {
        this.#end = undefined;
        this.close();
      }
      this.#roomMade?.();
    }
    // In the same step as the last look at the buffer: what comes later starts anew.
    this.#appending = this.#isUrgent = false;
  }

  /** Lets chunks gather: an append costs more than they do. */
  #gather(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#hurry(), Math.min(ms, LONGEST_TIMER_MS));
      this.#hurry = () => {
        clearTimeout(timer);
        this.#hurry = () => {};
        resolve();
      };
    });
  }

  get #isFull(): boolean {
    // Never more than there is room for.
    const flushSize = Math.min(this.#options.flushSize, BATCH_CHUNKS);
    return this.#buffer.length >= flushSize || this.#units >= BATCH_UNITS;
  }

  #takeBatch(): string[] {
    let count = 0;
    let units = 0;
    for (const chunk of this.#buffer) {
      if (count === BATCH_CHUNKS || (count > 0 && units + chunk.length > BATCH_UNITS)) break;
      count++;
      units += chunk.length;
    }
    const batch = this.#buffer.slice(0, count);
    this.#buffer = count === this.#buffer.length ? [] : this.#buffer.slice(count);
    this.#units -= units;
    return batch;
  }

  async #append(batch: string[], end: StreamEnd | undefined): Promise<void> {
    const { writer, leaseMs } = this.#options;
    const op = `${writer}.${++this.#ops}`;
    for (let wait = RETRY_MS.first; ; wait = Math.min(wait * 2, RETRY_MS.most)) {
      try {
        const after = batch.length > 0 ? this.#seq : undefined;
        this.#seq = await this.#store.append(this.#id, batch, { writer, op, after, end });
        this.#acknowledgedAt = performance.now();
        return;
      } catch (error) {
        const lapsed = performance.now() - this.#acknowledgedAt > leaseMs;
        if (lapsed || !StreamError.is(error, "UNAVAILABLE")) throw error;
        await sleep(wait, this.#closed, { keepAlive: true });
        this.#closed.throwIfAborted();
      }
    }
  }

  #scheduleHeartbeat(): void {
    this.#heartbeat = setTimeout(() => {
      if (performance.now() - this.#acknowledgedAt >= this.#options.leaseMs / 6) {
        this.#beat = true;
        this.#hurry();
        void this.#flush();
      }
      this.#scheduleHeartbeat();
    }, untilHeartbeat(this.#options.leaseMs));
    unref(this.#heartbeat);
  }

  get #closed(): AbortSignal {
    return this.#closing.signal;
  }
}
