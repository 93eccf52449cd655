import { LONGEST_TIMER_MS } from "../store-kit/sleep.ts";

/**
 * A third of the lease, so that two beats may get lost before it lapses. Longer pauses end on a full
 * second: the beats of all producers in a process then leave together.
 */
export function untilHeartbeat(leaseMs: number): number {
  const third = Math.max(1, Math.floor(leaseMs / 3));
  if (third < 2_000) return third;
  const now = performance.now();
  const fullSecond = Math.floor((now + third) / 1_000) * 1_000;
  return Math.min(Math.ceil(fullSecond - now), LONGEST_TIMER_MS);
}
