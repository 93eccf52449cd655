import { StreamClientError } from "./stream-client-error.ts";
import { abortWith } from "./reading/abort-with.ts";
import { backOff } from "./reading/back-off.ts";
import { checkStatus } from "./reading/check-response.ts";
import { MAKE_ROOM, openConnection } from "./reading/connection.ts";
import type { ReadingOptions } from "./reading/reading-options.ts";

/** How long a server may take to answer. */
const ANSWER_MS = 15_000;
/** After how long the page's readers hold what it may be waiting for. */
const MAKE_ROOM_MS = 1_000;

export type RetryOptions = Pick<ReadingOptions, "signal" | "maxRetries" | "retryDelayMs">;

/**
 * Sends what may be sent again, until the server has taken it.
 *
 * @throws StreamClientError `UNAVAILABLE`, or another code if it refuses; the signal's reason
 */
export async function untilItWorks(
  send: (signal: AbortSignal) => Promise<Response>,
  { signal, maxRetries = 5, retryDelayMs = backOff }: RetryOptions,
): Promise<void> {
  const life = new AbortController();
  const connection = openConnection(life.signal, ANSWER_MS);
  abortWith(life, signal);
  const timer = setTimeout(() => globalThis.dispatchEvent?.(new Event(MAKE_ROOM)), MAKE_ROOM_MS);
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        life.signal.throwIfAborted();
        await connection.open(async (cut) => checkStatus(await send(cut)));
        return;
      } catch (cause) {
        if (life.signal.aborted || StreamClientError.is(cause)) throw cause;
        if (attempt >= maxRetries) {
          const message = `the server cannot be reached: ${String(cause)}`;
          throw new StreamClientError("UNAVAILABLE", message, { cause });
        }
      }
      connection.release();
      await connection.pause(retryDelayMs(attempt));
    }
  } finally {
    clearTimeout(timer);
    life.abort();
  }
}
