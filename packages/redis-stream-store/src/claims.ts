import type { StreamEnd } from "@streambed/core/contracts";

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

export function toClaim(claim: Claims): string {
  return JSON.stringify(claim);
}

export function parseClaims(list: readonly string[]): Claims {
  const claims: Claims = {};
  for (const json of list) {
    const { created, end, total } = JSON.parse(json) as Claims;
    claims.created ??= created;
    claims.end ??= end;
    claims.total ??= total;
  }
  return claims;
}
