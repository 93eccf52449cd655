import { unref } from "@streambed/core/store-kit";
import type { Look, Seen } from "./stream-backend.ts";
import type { StreamTail } from "./stream-tail.ts";

/** Looks at any number of streams. */
export type LookAll = (seen: Seen[]) => Promise<Look[]>;

/** Polls all tails that somebody waits for, those that are due together in one go. */
export class TailPoller {
  readonly #lookAll: LookAll;
  readonly #tails: Set<StreamTail> = new Set();
  readonly #looking: Set<StreamTail> = new Set();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #firesAt = Infinity;

  constructor(lookAll: LookAll) {
    this.#lookAll = lookAll;
  }

  /** Polls `tail` when it is due, until it is removed. */
  add(tail: StreamTail): void {
    tail.schedule.waiting();
    this.#tails.add(tail);
    this.#plan(tail);
  }

  remove(tail: StreamTail): void {
    this.#tails.delete(tail);
    if (this.#tails.size === 0) this.#rest();
  }

  #plan(tail: StreamTail): void {
    const { dueAt } = tail.schedule;
    if (this.#looking.has(tail) || dueAt >= this.#firesAt) return;
    this.#rest();
    this.#firesAt = dueAt;
    this.#timer = setTimeout(() => this.#lookAtDue(), Math.max(0, dueAt - performance.now()));
    unref(this.#timer);
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#firesAt = Infinity;
  }

  #lookAtDue(): void {
    this.#firesAt = Infinity;
    // Half a millisecond of grace: timers fire early now and then.
    const now = performance.now() + 0.5;
    const due = [...this.#tails].filter(
      (tail) => tail.schedule.dueAt <= now && !this.#looking.has(tail),
    );
    if (due.length > 0) void this.#look(due);
    for (const tail of this.#tails) this.#plan(tail);
  }

  async #look(due: StreamTail[]): Promise<void> {
    for (const tail of due) this.#looking.add(tail);
    const started = due.map((tail) => tail.startLook());
    try {
      const looks = await this.#lookAll(started.map(({ seen }) => seen));
      for (const [i, { finish }] of started.entries()) finish(looks[i]!);
    } catch (error) {
      for (const tail of due) tail.fail(error);
    }
    for (const tail of due) {
      this.#looking.delete(tail);
      if (this.#tails.has(tail)) this.#plan(tail);
    }
  }
}
