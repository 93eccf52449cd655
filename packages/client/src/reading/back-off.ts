/** The pause before an attempt: long enough for a server that comes back, and never the same for all who wait for it. */
export function backOff(attempt: number): number {
  return Math.min(10_000, 250 * 2 ** attempt) * (1 - Math.random() / 2);
}

/** A `Retry-After` (RFC 9110, 10.2.3) in milliseconds, at most a minute; 0 if there is none. */
export function parseRetryAfter(value: string | null): number {
  return Math.min(Number(value) * 1000 || Date.parse(value ?? "") - Date.now() || 0, 60_000);
}
