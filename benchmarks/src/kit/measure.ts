export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** The value that `p` percent of all do not exceed. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = Math.ceil((p / 100) * sorted.length) - 1;
  return sorted[Math.max(0, at)] ?? Number.NaN;
}

/** The median of what each round says: a burst of load from elsewhere slows both sides of a round. */
export function ratio(dividend: readonly number[], divisor: readonly number[]): number {
  return median(dividend.map((value, i) => value / divisor[i]!));
}

/** Milliseconds that `action` takes. */
export async function timed(action: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await action();
  return performance.now() - startedAt;
}

/**
 * Runs each candidate once a round, in turn and every other round backwards, after `warmUp` rounds that
 * do not count. Gives back what each round came to.
 */
export async function interleave<Name extends string>(
  rounds: number,
  candidates: Record<Name, () => Promise<number>>,
  { warmUp = 1 }: { warmUp?: number } = {},
): Promise<Record<Name, number[]>> {
  const names = Object.keys(candidates) as Name[];
  const results = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<
    Name,
    number[]
  >;
  for (let round = -warmUp; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const value = await candidates[name]();
      if (round >= 0) results[name].push(value);
    }
  }
  return results;
}

/** A rate or an amount, short enough for a table. */
export function short(value: number): string {
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : value < 10 ? 2 : 1;
  return value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}
