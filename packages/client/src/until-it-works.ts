import { abortWith } from "./reading/abort-with.ts";
import { backOff } from "./reading/back-off.ts";
import { checkStatus } from "./reading/check-response.ts";
import { MAKE_ROOM, openConnection } from "./reading/connection.ts";
import type { ReadingOptions } from "./reading/reading-options.ts";
import { isOffline, pauseMs, unreachable } from "./reading/retrying.ts";
import { StreamClientError } from "./stream-client-error.ts";

/** How long a server may take to answer. */
const ANSWER_MS = 15_000;
/** For how long the page's readers hold what it may be waiting for. */
const MAKE_ROOM_MS = 1_000;

export type RetryOptions = Pick<ReadingOptions, "signal" | "maxRetries" | "retryDelayMs">;

/**
 * Sends what may be sent again, until the server has taken it; also from a page that is being left.
 *
 * @throws StreamClientError `UNAVAILABLE`, or another code if it refuses; the signal's reason
 */
export async function untilItWorks(
  send: (signal: AbortSignal) => Promise<Response>,
  { signal, maxRetries = 5, retryDelayMs = backOff }: RetryOptions,
): Promise<void> {
  const life = new AbortController();
  const connection = openConnection(life.signal, ANSWER_MS, ["online"]);
  abortWith(life, signal);
  const timer = setTimeout(() => globalThis.dispatchEvent?.(new Event(MAKE_ROOM)), MAKE_ROOM_MS);
  try {
    for (let failures = 0; ;) {
      try {
        if (life.signal.aborted) throw life.signal.reason;
        return await connection.open(async (cut) => checkStatus(await send(cut)));
      } catch (cause) {
        if (life.signal.aborted || StreamClientError.is(cause)) throw cause;
        if (isOffline()) failures = 0;
        if (failures >= maxRetries) throw unreachable(cause);
        connection.release();
        await connection.pause(pauseMs(cause, retryDelayMs(failures++)));
      }
    }
  } finally {
    clearTimeout(timer);
    life.abort();
  }
}
