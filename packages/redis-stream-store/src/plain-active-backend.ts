import type { EightMethodClient } from "@streambed/redis-driver";
import { foreign } from "./active-backend.ts";
import type { ActiveBackend, NewPointer } from "./active-backend.ts";
import { standingAfter, toEntry } from "./pointer-log.ts";

/** A List that logs what was asked for, by plain commands only, for clients without scripts. */
export class PlainActiveBackend implements ActiveBackend {
  readonly #redis: EightMethodClient;
  readonly #ttlSec: number;

  constructor(redis: EightMethodClient, ttlSec: number) {
    this.#redis = redis;
    this.#ttlSec = ttlSec;
  }

  async get(key: string): Promise<string | null> {
    return this.#standing(key, await this.#read(key, -1));
  }

  async set(key: string, { streamId, instead, ttlSec }: NewPointer): Promise<string> {
    // Looks first: nothing is added to what is not ours, nor where it would have no effect.
    let standing = await this.get(key);
    if (standing !== streamId && (standing === null || standing === instead)) {
      standing = await this.#enter(key, toEntry({ set: streamId, instead }));
    }
    if (standing === streamId) await this.#keep(key, ttlSec);
    return standing ?? streamId;
  }

  async clear(key: string, streamId: string): Promise<void> {
    if ((await this.get(key)) !== streamId) return;
    const length = await this.#redis.rpush(key, toEntry({ clear: streamId }));
    // The log expired in between: this entry began a new one.
    if (length === 1) await this.#redis.expire(key, this.#ttlSec);
  }

  /** Adds `entry` to the log, and resolves to what stands behind it. */
  async #enter(key: string, entry: string): Promise<string | null> {
    const length = await this.#redis.rpush(key, entry);
    const log = await this.#read(key, length - 1);
    if (log[length - 1] !== entry) throw expired();
    return this.#standing(key, log);
  }

  /** The log is kept as long as the pointer: it has nothing to tell beyond that. */
  async #keep(key: string, ttlSec: number): Promise<void> {
    const found = await this.#redis.expire(key, ttlSec);
    if (found === 0 || found === false) throw expired();
  }

  async #read(key: string, stop: number): Promise<string[]> {
    try {
      return await this.#redis.lrange(key, 0, stop);
    } catch (error) {
      const isForeign = error instanceof Error && /^WRONGTYPE\b/.test(error.message);
      throw isForeign ? foreign(key, error) : error;
    }
  }

  #standing(key: string, log: string[]): string | null {
    const standing = standingAfter(log);
    if (standing === undefined) throw foreign(key);
    return standing;
  }
}

/** No refusal: the call is made again, and finds the key free. */
function expired(): Error {
  return new Error("the log expired while it was written to");
}
