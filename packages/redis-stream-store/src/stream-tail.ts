import type { StreamStatus } from "@streambed/core/contracts";
import type { StreamPage } from "@streambed/core/store-kit";
import { ChunkWindow } from "./chunk-window.ts";
import type { PollSchedule } from "./poll-schedule.ts";
import type { PushFeed } from "./push-feed.ts";
import type { Look, Seen } from "./stream-backend.ts";

/** Bytes of a page, and of what a tail keeps for readers that keep up. */
export const PAGE_BYTES = 262_144;

export interface StreamTailOptions {
  id: string;
  /** Reads a page from Redis. */
  read: (afterSeq: number, needsChunks: boolean) => Promise<StreamPage | null>;
  /** The chunk in a message. */
  chunkOf: (stored: string) => string;
  schedule: PollSchedule;
  /** Told when the tail is to be polled, and when nobody waits for it any more. */
  onWaiting: (tail: StreamTail) => void;
  onIdle: (tail: StreamTail) => void;
  /** Where messages come from, if they do. */
  push: PushFeed | undefined;
}

/** A reader. */
interface Waiter {
  /** Of the wait that it is in. */
  resolve: () => void;
  reject: (error: Error) => void;
  /** Otherwise only an end is news: a producer need not be woken by its own chunks. */
  needsChunks: boolean;
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
  readonly id: string;
  readonly schedule: PollSchedule;
  /** Whether new chunks are kept in memory: not for those who only wait for the end. */
  keepsChunks: boolean = false;
  readonly #options: StreamTailOptions;
  /** Those who wait. */
  readonly #waiting: Set<Waiter> = new Set();
  /** Readers by their signals, since each waits again and again. */
  readonly #waiters: WeakMap<AbortSignal, Waiter> = new WeakMap();
  /** What is known of the stream; undefined before anything is, or once it is gone. */
  #view: View | undefined;
  #isListening = false;
  /** Whether it was seen, while listening, if the stream's writer announces. */
  #knowsAnnounced = false;
  /** Counts what was handed over, so that a look from before it is not taken for news. */
  #feeds = 0;

  constructor(options: StreamTailOptions) {
    this.#options = options;
    this.id = options.id;
    this.schedule = options.schedule;
  }

  /** What follows `cursor`: from memory for a reader that keeps up, else from Redis. */
  read(cursor: number, needsChunks: boolean): Promise<StreamPage | null> | StreamPage {
    const view = this.#view;
    const chunks = needsChunks ? view?.window.after(cursor) : [];
    const behind = needsChunks && view !== undefined && cursor < view.status.totalChunks;
    if (view === undefined || chunks === undefined || (behind && chunks.length === 0)) {
      return this.#options.read(cursor, needsChunks);
    }
    return { epoch: view.epoch, status: view.status, chunks };
  }

  /**
   * Resolves once the stream differs from `page`, without `needsChunks` in its state, or `signal` aborts.
   *
   * @throws what a poll threw
   */
  changed(page: StreamPage, signal: AbortSignal, needsChunks: boolean): Promise<void> {
    if (signal.aborted || this.#isNewsTo(page, needsChunks)) return Promise.resolve();
    const waiter = this.#waiterOf(signal);
    waiter.needsChunks = needsChunks;
    return new Promise((resolve, reject) => {
      waiter.resolve = resolve;
      waiter.reject = reject;
      this.#waiting.add(waiter);
      if (this.#waiting.size === 1) this.#options.onWaiting(this);
    });
  }

  /** Takes over what this process has stored: `chunks`, up to the seq `totalChunks`. */
  feed({ epoch, chunks, totalChunks }: Feed, { writer }: { writer?: string | undefined }): void {
    this.#feeds++;
    this.schedule.isExclusive = writer !== undefined;
    if (this.schedule.isExclusive) this.#options.push?.detach(this);
    if (this.#view?.epoch === epoch && this.#view.status.totalChunks >= totalChunks) return;
    const before = totalChunks - chunks.length;
    if (this.#view === undefined) {
      const status: StreamStatus = { state: "active", totalChunks: before };
      this.#view = { epoch, status, window: new ChunkWindow(before, PAGE_BYTES) };
    } else if (this.#view.epoch !== epoch || this.#view.status.totalChunks !== before) {
      return this.pollNow();
    }
    this.#take(chunks, before, { state: "active", totalChunks });
  }

  /** Takes a message: `<epoch>:<seq>:<chunk>` for one new chunk, else a sign that there is something new. */
  onMessage(message: string): void {
    const [, epoch, digits, stored] = /^([^:]*):(\d+)(?::([^]*))?$/.exec(message) ?? [];
    const view = this.#view;
    if (view !== undefined && view.epoch === epoch && stored !== undefined) {
      const seq = Number(digits);
      if (seq <= view.status.totalChunks) return;
      if (seq === view.status.totalChunks + 1) {
        const chunk = this.#options.chunkOf(stored);
        return this.#take([chunk], seq - 1, { state: "active", totalChunks: seq });
      }
    }
    this.pollNow();
  }

  /** Whether messages for this stream arrive. Those from before have not. */
  setListening(isListening: boolean): void {
    this.#isListening = isListening;
    this.#knowsAnnounced = false;
    if (isListening) this.pollNow();
    else this.schedule.isAnnounced = false;
  }

  /** Lets go of what the tail holds, when its last reader has left. */
  close(): void {
    this.#options.push?.detach(this);
  }

  /** Looks at once: something has happened that this process knows of, but not its outcome. */
  pollNow(): void {
    this.#feeds++;
    this.schedule.now();
    if (this.#waiting.size > 0) this.#options.onWaiting(this);
  }

  /** As what the stream was last seen, and how to take over what a look at it finds. */
  startLook(): { seen: Seen; finish: (look: Look) => void } {
    const feeds = this.#feeds;
    const { totalChunks = 0 } = this.#view?.status ?? {};
    if (!this.schedule.isExclusive) this.#options.push?.attach(this);
    const wasTold = this.schedule.dueAt === 0 || !this.schedule.isAnnounced;
    this.schedule.started();
    const isKnown = !this.#isListening || this.#knowsAnnounced;
    const epoch = isKnown ? this.#view?.epoch : undefined;
    return {
      seen: { id: this.id, afterSeq: totalChunks, epoch },
      finish: (look) => {
        const isNews = this.#finishLook(totalChunks, look, feeds === this.#feeds);
        if (!isNews || wasTold || feeds !== this.#feeds) return;
        // A message that should have come did not: the next look subscribes again.
        this.#options.push?.detach(this);
        this.pollNow();
      },
    };
  }

  /** Makes everybody who waits fail. */
  fail(error: unknown): void {
    this.#wakeAll(error);
  }

  /** Whether `page` is behind. Otherwise it becomes what is known. */
  #isNewsTo({ epoch, status }: StreamPage, needsChunks: boolean): boolean {
    const view = this.#view;
    if (view !== undefined && view.epoch === epoch) {
      if (view.status.totalChunks > status.totalChunks) {
        return needsChunks || view.status.state !== status.state;
      }
      if (view.status.totalChunks === status.totalChunks) return view.status.state !== status.state;
    }
    if (view?.epoch !== epoch) this.#knowsAnnounced = this.schedule.isAnnounced = false;
    this.#view = { epoch, status, window: new ChunkWindow(status.totalChunks, PAGE_BYTES) };
    return false;
  }

  /** Whether there was something new. */
  #finishLook(after: number, look: Look, current: boolean): boolean {
    const view = this.#view;
    if (look === "as seen") return false;
    if (look instanceof Error) {
      this.#wakeAll(look);
      return false;
    }
    const isBack = look !== null && (view?.status.totalChunks ?? 0) > look.status.totalChunks;
    if (look === null || view?.epoch !== look.epoch || isBack) {
      if (current) {
        this.#view = undefined;
        this.#wakeAll();
      } else {
        this.schedule.now();
      }
      return false;
    }
    this.#knowsAnnounced = this.#isListening;
    this.schedule.isAnnounced = this.#isListening && look.isAnnounced;
    this.schedule.leaseMs = look.leaseMs ?? Infinity;
    // Chunks are added and an end is final, so such news holds whatever was fed meanwhile.
    const { totalChunks, state } = look.status;
    const more = totalChunks > view.status.totalChunks;
    const isNews = more || (totalChunks === view.status.totalChunks && state !== view.status.state);
    if (isNews) {
      // Chunks that this process was not handed come from another.
      this.schedule.isExclusive &&= !more;
      this.#take(look.chunks, after, look.status);
    }
    return isNews;
  }

  #take(chunks: readonly string[], after: number, status: StreamStatus): void {
    const view = this.#view!;
    if (view.window.last !== after) view.window = new ChunkWindow(after, PAGE_BYTES);
    if (this.keepsChunks) view.window.push(chunks);
    view.status = status;
    this.schedule.sawChange();
    // A set may lose members while it is walked, and gains none: who is woken goes on later.
    for (const waiter of this.#waiting) {
      if (waiter.needsChunks || status.state !== "active") this.#wake(waiter);
    }
  }

  #wakeAll(error?: unknown): void {
    for (const waiter of this.#waiting) this.#wake(waiter, error);
  }

  #wake(waiter: Waiter, error?: unknown): void {
    if (!this.#waiting.delete(waiter)) return;
    if (this.#waiting.size === 0) this.#options.onIdle(this);
    if (error === undefined) waiter.resolve();
    else
      waiter.reject(error instanceof Error ? error : new Error("a look failed", { cause: error }));
  }

  #waiterOf(signal: AbortSignal): Waiter {
    const standing = this.#waiters.get(signal);
    if (standing !== undefined) return standing;
    const waiter: Waiter = { resolve: () => {}, reject: () => {}, needsChunks: true };
    this.#waiters.set(signal, waiter);
    signal.addEventListener("abort", () => this.#wake(waiter), { once: true });
    return waiter;
  }
}
