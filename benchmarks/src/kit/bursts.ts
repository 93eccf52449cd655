/**
 * Requests this much apart were not sent together. Timers of one moment fire over some milliseconds; 200
 * requests that come at random in a second leave such a gap often enough to tell.
 */
const APART_MS = 20;

/** Counts groups of requests that arrive together: pipelines, however many pieces TCP makes of one. */
export class Bursts {
  requests = 0;
  bursts = 0;
  #lastAt = -Infinity;

  note(): void {
    const now = performance.now();
    if (now - this.#lastAt > APART_MS) this.bursts++;
    this.#lastAt = now;
    this.requests++;
  }

  reset(): void {
    this.requests = 0;
    this.bursts = 0;
  }
}
