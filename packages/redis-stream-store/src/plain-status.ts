import type { EightMethodClient } from "@streambed/redis-driver";
import type { StreamKeys } from "./keys.ts";
import { parseStatus } from "./stored-status.ts";
import type { StoredStatus } from "./stored-status.ts";

/** The status of one stream as it is written down, the TTL of all its keys, and its producer's lease. */
export class PlainStatus {
  readonly #redis: EightMethodClient;
  readonly #keys: StreamKeys;
  readonly #ttlSec: number;

  /** @param ttlSec for a stream that has none of its own */
  constructor(redis: EightMethodClient, keys: StreamKeys, ttlSec: number) {
    this.#redis = redis;
    this.#keys = keys;
    this.#ttlSec = ttlSec;
  }

  async read(): Promise<StoredStatus | null> {
    const json = await this.#redis.get(this.#keys.status);
    return json === null ? null : parseStatus(json);
  }

  /** Writes the status, and renews lease and TTL. */
  async write(status: StoredStatus): Promise<void> {
    const keep = keepSec({ ttl: this.#ttlSec, ...status });
    const keys = this.#keys;
    const writes: Promise<unknown>[] = [
      this.#redis.set(keys.status, JSON.stringify(status), "EX", keep),
      this.#redis.expire(keys.chunks, keep),
      this.#redis.expire(keys.claims, keep),
    ];
    if (status.asks !== undefined) writes.push(this.#redis.expire(keys.room, keep));
    if (status.state === "active" && status.lease !== undefined) {
      // The eight methods know seconds only: rounded up, a lease never lapses early.
      writes.push(this.#redis.set(keys.lease, "1", "EX", Math.ceil(status.lease / 1000)));
    }
    await Promise.all(writes);
  }

  /** Whether the producer of a stream that has not ended has been silent for its lease. */
  async hasLapsed({ lease }: StoredStatus): Promise<boolean> {
    return lease !== undefined && (await this.#redis.exists(this.#keys.lease)) === 0;
  }
}

/** How long the keys of a stream are kept from now on, in seconds. */
export function keepSec({ state, ttl = 1, lease = 0 }: StoredStatus): number {
  return state === "active" ? Math.max(ttl, Math.ceil((2 * lease) / 1000)) : ttl;
}
