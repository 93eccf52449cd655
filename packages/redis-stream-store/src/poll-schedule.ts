/** Between two looks at a stream that only this process writes: nothing but an end can come from elsewhere. */
const EXCLUSIVE_MS = 500;
/** Between two looks at a stream whose changes are announced: a message may get lost. */
const ANNOUNCED_MS = 5_000;

export interface PollPace {
  /** Pause after news, in milliseconds. */
  firstMs: number;
  /** Pause once a stream has been quiet for long. */
  mostMs: number;
}

/** When one stream is to be looked at again. */
export class PollSchedule {
  /** On the clock of `performance.now()`; 0 for at once. */
  dueAt: number = Infinity;
  /** Whether all chunks of the stream come from this process. */
  isExclusive: boolean = false;
  /** Whether changes of the stream are announced, and this process listens. */
  isAnnounced: boolean = false;
  /** The producer's lease: that it lapses, nobody announces. */
  leaseMs: number = Infinity;
  readonly #pace: PollPace;
  #pauseMs: number;

  constructor(pace: PollPace) {
    this.#pace = pace;
    this.#pauseMs = pace.firstMs;
  }

  /** A look begins now: plans the next one. */
  started(): void {
    this.#plan();
    this.#pauseMs = Math.min(this.#pauseMs * 1.5, this.#pace.mostMs);
  }

  /** Somebody begins to wait, and has just looked. */
  waiting(): void {
    const isPlanned = this.dueAt === 0 || this.dueAt > performance.now();
    if (this.dueAt === Infinity || !isPlanned) this.#plan();
  }

  sawChange(): void {
    this.#pauseMs = this.#pace.firstMs;
  }

  now(): void {
    this.dueAt = 0;
  }

  /** On a grid, so that many streams come due together. */
  #plan(): void {
    const least = this.isAnnounced
      ? Math.min(ANNOUNCED_MS, this.leaseMs)
      : this.isExclusive
        ? EXCLUSIVE_MS
        : 0;
    const pause = Math.max(least, this.#pauseMs);
    this.dueAt = Math.ceil((performance.now() + pause / 2) / pause) * pause;
  }
}
