import { StreamError } from "@streambed/core/contracts";
import type { StreamStatus } from "@streambed/core/contracts";
import { fromChunk } from "@streambed/core/codec";
import { generate, messageOf, pump } from "@streambed/core/engine-kit";
import type { StreamWriter } from "@streambed/core/engine-kit";
import type { RedisClient } from "@streambed/redis-driver";
import { entriesOf } from "./entries-of.ts";
import { endOf, isStopReason } from "./entry-meaning.ts";
import { INCOMPLETE_END, toRunEnd } from "./run-end.ts";
import type { RunEnd } from "./run-end.ts";
import { writerOptions } from "./writer-options.ts";
import type { RunLogWriterOptions } from "./writer-options.ts";

/** SSE chunks, each an event as it goes over the wire. */
export type RunSource = AsyncIterable<string> | ((signal: AbortSignal) => AsyncIterable<string>);

export interface PipeRunOptions extends RunLogWriterOptions {
  /** What to store. A function gets a signal that aborts once nothing more can be stored. */
  source: RunSource;
  redis: RedisClient;
  runId: string;
  /** Cancels the run. */
  signal?: AbortSignal | undefined;
  /** Handed `finished`, where a platform must be asked to wait for work behind the response. */
  waitUntil?: ((finished: Promise<unknown>) => void) | undefined;
  /** The text that readers get when the source fails. @default the error's message */
  describeError?: ((error: unknown) => string) | undefined;
}

export interface PipedRun {
  /**
   * How the run ended; `totalChunks` counts the log's entries. Rejects with a `StreamError` if no end could be
   * stored (`FENCED`, `NOT_FOUND`, `EXPIRED`, `UNAVAILABLE`), or what is stored cannot be read (`LOST`).
   */
  finished: Promise<StreamStatus>;
  /** Cancels the run, as any process can with `stop` of a store. */
  stop(): Promise<void>;
}

/**
 * Stores all that a source yields as a run's log, whoever reads it, and resolves once the log exists.
 *
 * An event called `error`, or one without a name whose data is `[DONE]`, ends the run, and the source is closed. A
 * source that ends without gets `[DONE]` if it gave a stop reason, else an error and `[DONE]`; one that throws an
 * error; a run that is cancelled `[DONE]`. A producer that is killed is found out by its lease: `producer lost`.
 *
 * @throws StreamError `ALREADY_EXISTS`, `INVALID_ID`, `INVALID_OPTION`, `UNSUPPORTED`, `UNAVAILABLE`; the source is closed
 */
export async function pipeRun(options: PipeRunOptions): Promise<PipedRun> {
  const { source, redis, runId, signal, waitUntil, describeError = messageOf, ...rest } = options;
  const writer = crypto.randomUUID();
  const { entries, timing, assertChunk } = await orClose(source, async () => {
    const { log, maxLength, ...checked } = writerOptions(rest);
    if (!isSource(source)) {
      throw new StreamError("INVALID_OPTION", "source must be an async iterable, or a function");
    }
    if (signal !== undefined && !(signal instanceof AbortSignal)) {
      throw new StreamError("INVALID_OPTION", "signal must be an AbortSignal");
    }
    const opened = entriesOf(redis, log);
    await opened.open(runId, { writer, leaseMs: checked.timing.leaseMs, maxLength });
    return { ...checked, entries: opened };
  });
  const finished = generate({
    store: entries,
    id: runId,
    pump: (over, stored) =>
      pumpRun(source, { over, cancelled: signal }, { assertChunk, writer: stored }),
    writer,
    ...timing,
    describeError,
  });
  finished.catch(() => {});
  waitUntil?.(finished);
  return { finished, stop: () => entries.stop(runId) };
}

interface Signals {
  /** The run is over, whatever the source does. */
  over: AbortSignal;
  cancelled: AbortSignal | undefined;
}

interface Sink {
  writer: StreamWriter;
  /** @throws StreamError for a chunk that is none, or too long */
  assertChunk: (data: string) => void;
}

/** Moves the source's chunks, and resolves to how they end the run. */
async function pumpRun(
  source: RunSource,
  { over, cancelled }: Signals,
  { assertChunk, writer }: Sink,
): Promise<RunEnd> {
  const ended = new AbortController();
  let end: RunEnd | undefined;
  let hasStopReason = false;
  const write = (chunk: string): Promise<void> | undefined => {
    const { event, data } = fromChunk(chunk);
    if (event !== "") throw new TypeError("a run's source must yield strings");
    assertChunk(data);
    end = endOf(data);
    if (end === undefined) {
      hasStopReason ||= isStopReason(data);
      return writer.write(data);
    }
    ended.abort();
    return undefined;
  };
  const signals = [over, ended.signal, ...(cancelled ? [cancelled] : [])];
  try {
    await pump(source, AbortSignal.any(signals), { write });
  } catch (error) {
    if (end === undefined && cancelled?.aborted && !over.aborted) return toRunEnd("stopped");
    if (end === undefined) throw error;
  }
  return end ?? (hasStopReason ? toRunEnd("done") : INCOMPLETE_END);
}

/** `task`; if it fails, nobody will read the source. */
async function orClose<T>(source: RunSource, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    // Not awaited: one that waits for its model answers after that, and what it answers is not what failed.
    if (isSource(source) && typeof source !== "function") {
      void (async () => source[Symbol.asyncIterator]().return?.())().catch(() => {});
    }
    throw error;
  }
}

function isSource(source: unknown): source is RunSource {
  const isIterable =
    typeof source === "object" && source !== null && Symbol.asyncIterator in source;
  return isIterable || typeof source === "function";
}
