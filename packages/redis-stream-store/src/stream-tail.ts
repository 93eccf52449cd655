import type { StreamStatus } from "@streambed/core/contracts";
import { unref } from "@streambed/core/store-kit";
import type { StreamPage } from "@streambed/core/store-kit";
import { ChunkWindow } from "./chunk-window.ts";

/** Bytes of a page, and of what a tail keeps for readers that keep up. */
export const PAGE_BYTES = 262_144;
/** Between two looks at a stream that this process itself writes: only a stop can come from elsewhere. */
const OWN_STREAM_POLL_MS = 500;

export interface StreamTailOptions {
  read: (afterSeq: number) => Promise<StreamPage | null>;
  pollIntervalMs: number;
}

/** What an append of this process has stored. */
export interface Feed {
  epoch: string;
  chunks: readonly string[];
  /** The seq of the last of them. */
  totalChunks: number;
}

interface View {
  epoch: string;
  status: StreamStatus;
  window: ChunkWindow;
}

/**
 * The end of one stream, shared by all of its readers in this process: however many there are, it is
 * polled once. What this process itself stores is handed over without a poll.
 */
export class StreamTail {
  readonly #options: StreamTailOptions;
  readonly #waiters: Set<(error?: unknown) => void> = new Set();
  /** What is known of the stream; undefined before anything is, or once it is gone. */
  #view: View | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #polling = false;
  #pollAgain = false;
  /** Counts what was handed over, so that a poll from before it is not taken for news. */
  #feeds = 0;
  /** The stream is written by this process, and nobody else may. */
  #exclusive = false;

  constructor(options: StreamTailOptions) {
    this.#options = options;
  }

  /** What follows `cursor`: from memory for a reader that keeps up, else from Redis. */
  async read(cursor: number): Promise<StreamPage | null> {
    const view = this.#view;
    const chunks = view?.window.after(cursor);
    const behind = view !== undefined && cursor < view.status.totalChunks;
    if (view === undefined || chunks === undefined || (behind && chunks.length === 0)) {
      return this.#options.read(cursor);
    }
    return { epoch: view.epoch, status: view.status, chunks };
  }

  /** Resolves once the stream differs from `page`, or `signal` aborts. @throws StreamError what a poll threw */
  changed(page: StreamPage, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#isNewsTo(page)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const finish = (error?: unknown): void => {
        this.#waiters.delete(finish);
        signal.removeEventListener("abort", onAbort);
        if (this.#waiters.size === 0) this.#rest();
        if (error === undefined) resolve();
        else reject(error as Error);
      };
      const onAbort = (): void => finish();
      this.#waiters.add(finish);
      signal.addEventListener("abort", onAbort, { once: true });
      this.#schedule();
    });
  }

  /** Takes over what this process has stored: `chunks`, up to the seq `totalChunks`. */
  feed({ epoch, chunks, totalChunks }: Feed, { writer }: { writer?: string | undefined }): void {
    this.#feeds++;
    this.#exclusive = writer !== undefined;
    const before = totalChunks - chunks.length;
    if (this.#view === undefined) {
      const status: StreamStatus = { state: "active", totalChunks: before };
      this.#view = { epoch, status, window: new ChunkWindow(before, PAGE_BYTES) };
    } else if (this.#view.epoch !== epoch || this.#view.status.totalChunks !== before) {
      return this.pollNow();
    }
    this.#take(chunks, before, { state: "active", totalChunks });
  }

  /** Looks at once: something has happened that this process knows of, but not its outcome. */
  pollNow(): void {
    this.#feeds++;
    this.#pollAgain = this.#polling;
    if (this.#waiters.size > 0) void this.#poll();
  }

  /** Whether `page` is behind. Otherwise it becomes what is known. */
  #isNewsTo({ epoch, status }: StreamPage): boolean {
    const view = this.#view;
    if (view !== undefined && view.epoch === epoch) {
      if (view.status.totalChunks > status.totalChunks) return true;
      if (view.status.totalChunks === status.totalChunks) return view.status.state !== status.state;
    }
    this.#view = { epoch, status, window: new ChunkWindow(status.totalChunks, PAGE_BYTES) };
    return false;
  }

  #schedule(): void {
    if (this.#polling || this.#timer !== undefined) return;
    const { pollIntervalMs } = this.#options;
    const wait = this.#exclusive ? Math.max(pollIntervalMs, OWN_STREAM_POLL_MS) : pollIntervalMs;
    this.#timer = setTimeout(() => void this.#poll(), wait);
    unref(this.#timer);
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #poll(): Promise<void> {
    if (this.#polling) return;
    this.#rest();
    this.#polling = true;
    try {
      do {
        this.#pollAgain = false;
        const feeds = this.#feeds;
        const after = this.#view?.status.totalChunks ?? 0;
        const page = await this.#options.read(after);
        this.#update(after, page, feeds === this.#feeds);
      } while (this.#pollAgain && this.#waiters.size > 0);
    } catch (error) {
      this.#wake(error);
    } finally {
      this.#polling = false;
    }
    if (this.#waiters.size > 0) this.#schedule();
  }

  #update(after: number, page: StreamPage | null, current: boolean): void {
    const view = this.#view;
    if (page === null || view?.epoch !== page.epoch) {
      if (!current) return;
      this.#view = undefined;
      return this.#wake();
    }
    // Chunks are only ever added, and an end is final: such news holds whatever was fed meanwhile.
    const { totalChunks, state } = page.status;
    const more = totalChunks > view.status.totalChunks;
    if (more || (totalChunks === view.status.totalChunks && state !== view.status.state)) {
      this.#take(page.chunks, after, page.status);
    }
  }

  #take(chunks: readonly string[], after: number, status: StreamStatus): void {
    const view = this.#view!;
    if (view.window.last !== after) view.window = new ChunkWindow(after, PAGE_BYTES);
    view.window.push(chunks);
    view.status = status;
    this.#wake();
  }

  #wake(error?: unknown): void {
    for (const finish of [...this.#waiters]) finish(error);
  }
}
