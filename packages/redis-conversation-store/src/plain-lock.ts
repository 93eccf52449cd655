import { sleep } from "@streambed/core/store-kit";
import type { EightMethodClient } from "@streambed/redis-driver";

/** Pause between two tries to get a lock. */
const PAUSE_MS = { least: 2, most: 20 };

/**
 * Lets one at a time do something, by plain commands: RPUSH puts all who want to into an order, and the first
 * has the lock until its list is deleted, or expires. Its time is longer than the time that anybody takes.
 */
export class PlainLock {
  readonly #redis: EightMethodClient;
  readonly #key: string;
  readonly #timeoutMs: number;
  /** The same in every attempt: one whose RPUSH was applied, and not answered, has the lock. */
  readonly #token: string = crypto.randomUUID();
  /** Who has been seen to have it, and since when. */
  #seen: { first: string | undefined; since: number } = { first: undefined, since: 0 };

  /** @param timeoutMs how long an attempt to do it may take */
  constructor(redis: EightMethodClient, key: string, timeoutMs: number) {
    this.#redis = redis;
    this.#key = key;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * One attempt at `work`, which calls `assertInTime` right before it writes: an attempt that was given up
   * must not write any more.
   */
  async run<T>(work: (assertInTime: () => void) => Promise<T>): Promise<T> {
    const giveUpAt = performance.now() + this.#timeoutMs;
    const isInTime = (): boolean => performance.now() < giveUpAt;
    const assertInTime = (): void => {
      if (!isInTime()) throw new Error("somebody else is saving this conversation");
    };
    for (;;) {
      assertInTime();
      if (await this.#take()) break;
      const pauseMs = PAUSE_MS.least + Math.random() * (PAUSE_MS.most - PAUSE_MS.least);
      await sleep(pauseMs, undefined, { keepAlive: true });
    }
    try {
      return await work(assertInTime);
    } finally {
      if (isInTime()) await this.#redis.del(this.#key);
    }
  }

  async #take(): Promise<boolean> {
    const length = await this.#redis.rpush(this.#key, this.#token);
    const first = length === 1 ? this.#token : await this.#first();
    if (first !== this.#token) {
      await this.#watch(first);
      return false;
    }
    await this.#redis.expire(this.#key, this.#lastsSec);
    // From an earlier attempt, it may have expired just before that, and be another's.
    return (await this.#first()) === this.#token;
  }

  async #first(): Promise<string | undefined> {
    const [first] = await this.#redis.lrange(this.#key, 0, 0);
    return first;
  }

  /** A lock that outlasts its time has none: its holder was cut off before EXPIRE. */
  async #watch(first: string | undefined): Promise<void> {
    const now = performance.now();
    const outlasts = first === this.#seen.first && now - this.#seen.since > 1000 * this.#lastsSec;
    if (first === this.#seen.first && !outlasts) return;
    this.#seen = { first, since: now };
    if (outlasts) await this.#redis.expire(this.#key, 1);
  }

  get #lastsSec(): number {
    return Math.ceil(this.#timeoutMs / 1000) + 1;
  }
}
