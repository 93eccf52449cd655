import { LONGEST_TIMER_MS, unref } from "../store-kit/sleep.ts";

/**
 * Calls `beat` after each `ms` of a wait, or a little earlier. Most waits, those for the next chunk of a live
 * stream, are over long before that: the timer outlives them, and is not made anew for each.
 */
export class Heartbeat {
  readonly #beat: () => void;
  readonly #tickMs: number;
  #timer: ReturnType<typeof setInterval> | undefined;
  #isWaiting = false;
  /** Since this wait began, or the last beat. */
  #ticks = 0;

  constructor(ms: number, beat: () => void) {
    this.#beat = beat;
    this.#tickMs = Math.min(Math.max(1, ms / 2), LONGEST_TIMER_MS);
  }

  waitBegins(): void {
    this.#isWaiting = true;
    this.#ticks = 0;
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.#tick(), this.#tickMs);
    unref(this.#timer);
  }

  waitIsOver(): void {
    this.#isWaiting = false;
  }

  /** Leaves no timer. */
  close(): void {
    this.#isWaiting = false;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    // Nobody reads on: the next wait, if there is one, begins it anew.
    if (!this.#isWaiting) return this.close();
    if (++this.#ticks < 2) return;
    this.#ticks = 0;
    this.#beat();
  }
}
