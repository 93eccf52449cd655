import { unref } from "@streambed/core/store-kit";
import type { StreamPage } from "@streambed/core/store-kit";

/** What a stream looks like from afar. */
export interface Glance {
  epoch: string;
  state: string;
  totalChunks: number;
  /** When it will differ without anybody's doing. */
  dueAt: number;
}

/** What the watcher looks at. */
export interface Watched {
  glance(id: string): Glance | undefined;
  /** Differs from the last one if another connection has written since. */
  dataVersion(): number;
  /** Makes many glances cheap. */
  snapshot(work: () => void): void;
}

/** The readers of one stream that wait. */
interface Tail {
  waiters: Map<() => void, StreamPage>;
  dueAt: number;
}

/**
 * Tells waiting readers that their stream has changed: at once when told of a write, and from a timer
 * when another process has written or the stream's time has come. One timer, and only while one waits.
 */
export class ChangeWatcher {
  readonly #watched: Watched;
  readonly #intervalMs: number;
  readonly #tails: Map<string, Tail> = new Map();
  #timer: ReturnType<typeof setInterval> | undefined;
  #version: number | undefined;
  #closed = false;

  constructor(watched: Watched, intervalMs: number) {
    this.#watched = watched;
    this.#intervalMs = intervalMs;
  }

  /** Resolves once the stream may differ from `page`, or `signal` aborts. */
  changed(id: string, page: StreamPage, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      // Looks first: what another process wrote since `page` was read may have passed the timer by.
      const glance = this.#glance(id);
      if (this.#closed || signal.aborted || !isAsBefore(page, glance)) return resolve();
      const tail = this.#tails.get(id) ?? { waiters: new Map(), dueAt: 0 };
      const finish = (): void => {
        signal.removeEventListener("abort", finish);
        tail.waiters.delete(finish);
        if (tail.waiters.size === 0) this.#leave(id, tail);
        resolve();
      };
      tail.dueAt = glance.dueAt;
      tail.waiters.set(finish, page);
      signal.addEventListener("abort", finish, { once: true });
      this.#tails.set(id, tail);
      this.#timer ??= this.#start();
    });
  }

  /** Wakes those readers of a stream for whom it has changed. */
  recheck(id: string): void {
    const tail = this.#tails.get(id);
    if (tail === undefined) return;
    const glance = this.#glance(id);
    if (glance !== undefined) tail.dueAt = glance.dueAt;
    for (const [finish, page] of [...tail.waiters]) if (!isAsBefore(page, glance)) finish();
  }

  /** Wakes everybody, and lets nobody wait any more. */
  close(): void {
    this.#closed = true;
    this.#wakeAll();
  }

  #start(): ReturnType<typeof setInterval> {
    const timer = setInterval(() => this.#poll(), this.#intervalMs);
    unref(timer);
    return timer;
  }

  #leave(id: string, tail: Tail): void {
    if (this.#tails.get(id) === tail) this.#tails.delete(id);
    if (this.#tails.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #poll(): void {
    try {
      const version = this.#watched.dataVersion();
      const written = version !== this.#version;
      this.#version = version;
      const now = Date.now();
      const due = [...this.#tails].filter(([, tail]) => written || now >= tail.dueAt);
      if (due.length > 0) this.#watched.snapshot(() => due.forEach(([id]) => this.recheck(id)));
    } catch {
      this.#wakeAll();
    }
  }

  // A failure counts as a change: the reader then reads, and meets it where it can be reported.
  #glance(id: string): Glance | undefined {
    try {
      return this.#watched.glance(id);
    } catch {
      return undefined;
    }
  }

  #wakeAll(): void {
    for (const tail of [...this.#tails.values()]) {
      for (const finish of [...tail.waiters.keys()]) finish();
    }
  }
}

function isAsBefore(page: StreamPage, glance: Glance | undefined): glance is Glance {
  return (
    glance !== undefined &&
    glance.epoch === page.epoch &&
    glance.totalChunks === page.status.totalChunks &&
    glance.state === page.status.state &&
    Date.now() < glance.dueAt
  );
}
