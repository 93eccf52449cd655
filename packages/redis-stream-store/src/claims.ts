import type { StreamEnd } from "@streambed/core/contracts";
import type { EightMethodClient } from "@streambed/redis-driver";

/**
 * The eight-method level has no transactions, but RPUSH puts racing claims into an order: the first
 * claim of each kind counts, and every later one is ignored by all.
 */
export interface Claims {
  /** Who created the stream. */
  created?: { epoch: string; writer?: string | undefined } | undefined;
  /** How it ended. */
  end?: StreamEnd | "stopped" | undefined;
  /** How many chunks lie before the end. What was stored later is not part of the stream. */
  total?: number | undefined;
}

/** The list of one stream's claims. */
export class ClaimList {
  readonly #redis: EightMethodClient;
  readonly #key: string;

  constructor(redis: EightMethodClient, key: string) {
    this.#redis = redis;
    this.#key = key;
  }

  /** @returns the number of claims */
  add(claim: Claims): Promise<number> {
    return this.#redis.rpush(this.#key, JSON.stringify(claim));
  }

  /** Those that count. */
  async read(): Promise<Claims> {
    const claims: Claims = {};
    for (const json of await this.#redis.lrange(this.#key, 0, -1)) {
      const { created, end, total } = JSON.parse(json) as Claims;
      claims.created ??= created;
      claims.end ??= end;
      claims.total ??= total;
    }
    return claims;
  }
}
