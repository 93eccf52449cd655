import { StreamError } from "../contracts/stream-error.ts";
import type { StreamStatus, StreamStore } from "../contracts/stream-store.ts";
import { endOnly } from "../store-kit/follow-stream.ts";
import { sleep } from "../store-kit/sleep.ts";

const RETRY_MS = 500;

/**
 * Resolves to the stream's end, whoever sets it: this is how a producer learns that it was stopped.
 * A store that cannot be reached for a while is not an end.
 */
export async function watchEnd(
  store: StreamStore,
  id: string,
  signal: AbortSignal,
): Promise<StreamStatus> {
  let cursor = 0;
  for (;;) {
    try {
      const chunks = endOnly(store.readFrom(id, cursor, { signal }));
      for (;;) {
        const next = await chunks.next();
        if (next.done === true) return next.value;
        cursor = next.value.seq;
      }
    } catch (error) {
      if (cursor > 0 && StreamError.is(error, "INVALID_CURSOR")) {
        throw new StreamError("LOST", `the stream had ${cursor} chunks, and has fewer`);
      }
      if (signal.aborted || !StreamError.is(error, "UNAVAILABLE")) throw error;
      await sleep(RETRY_MS, signal);
    }
  }
}
