import { StreamClientError } from "../stream-client-error.ts";

/** Without a network, the pause that the network's return ends; and how long a connection lasts that was a good one. */
export const LONG_MS = 10_000;

/** Whether the browser knows that there is no network: nothing that fails then counts. */
export function isOffline(): boolean {
  // oxlint-disable-next-line typescript/no-unnecessary-boolean-literal-compare -- Node's navigator does not say
  return globalThis.navigator?.onLine === false;
}

/** The pause before another attempt: `delayMs`, or longer if there is reason to. */
export function pauseMs(cause: unknown, delayMs: number): number {
  const { afterMs = 0 } = cause as { afterMs?: number };
  return Math.max(delayMs, isOffline() ? LONG_MS : afterMs);
}

/** What is thrown when no attempt is left. */
export function unreachable(cause: unknown): StreamClientError {
  return new StreamClientError("UNAVAILABLE", String(cause), { cause });
}
