import { setTimeout as sleep } from "node:timers/promises";

export interface PumpState {
  delayMs: number;
  /** Pending while nothing may get through. */
  heal: Promise<void> | undefined;
}

/** One direction of a connection: does things in order, each after the delay and none while nothing may get through. */
export class Pump {
  readonly #state: PumpState;
  readonly #queue: { at: number; act: () => void }[] = [];
  #running = false;

  constructor(state: PumpState) {
    this.#state = state;
  }

  /** Does it at once where nothing stands in the way. */
  push(act: () => void): void {
    this.#queue.push({ at: Date.now() + this.#state.delayMs, act });
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      const waitMs = next.at - Date.now();
      if (waitMs > 0) await sleep(waitMs);
      while (this.#state.heal) await this.#state.heal;
      next.act();
    }
    this.#running = false;
  }
}
