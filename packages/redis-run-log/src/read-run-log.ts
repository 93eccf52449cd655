import type { StreamChunk, StreamStatus } from "@streambed/core/contracts";
import type { RedisClient } from "@streambed/redis-driver";
import { entriesOf } from "./entries-of.ts";
import type { EntriesOptions } from "./run-log.ts";
import { fillNulls } from "./fill-nulls.ts";

export interface ReadRunLogOptions extends EntriesOptions {
  /** The seq after which to read. @default 0 */
  startingAfter?: number | undefined;
  signal?: AbortSignal | undefined;
}

type RunReader = AsyncGenerator<StreamChunk, StreamStatus, undefined>;

/**
 * Follows a run: every entry behind `startingAfter` once, in order, those that say how it ended too, and returns
 * how it ended. `data` is what was written, with the run and the seq in place of a message's `run_id` and `seq_id`
 * where those are null.
 *
 * Rejects with a StreamError: `NOT_FOUND`; `LOST` where the next entry was trimmed or evicted; `ABANDONED` where a
 * writer without a lease has been silent for `idleTimeoutMs`; `EXPIRED`, `INVALID_CURSOR`, `INVALID_ID`,
 * `UNAVAILABLE`. An abort rejects with the signal's reason.
 */
export function readRunLog(
  redis: RedisClient,
  runId: string,
  options: ReadRunLogOptions = {},
): RunReader {
  const { startingAfter = 0, signal, ...rest } = options;
  const entries = entriesOf(redis, rest);
  return filled(entries.readFrom(runId, startingAfter, { signal }), runId);
}

/** Not an `async function*`: `return()` on one of those would wait for the next entry. */
function filled(reader: RunReader, runId: string): RunReader {
  const step = (result: IteratorResult<StreamChunk, StreamStatus>) => {
    if (result.done === true) return result;
    const { seq, data } = result.value;
    return { ...result, value: { seq, data: fillNulls(data, { runId, seq }) } };
  };
  return {
    next: () => reader.next().then(step),
    return: (value) => reader.return(value),
    throw: (error) => reader.throw(error),
    [Symbol.asyncIterator]() {
      return this;
    },
    [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
  };
}
