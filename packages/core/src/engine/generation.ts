import { StreamError } from "../contracts/stream-error.ts";
import type { StreamErrorCode } from "../contracts/stream-error.ts";
import type { StreamEnd, StreamStatus, StreamStore } from "../contracts/stream-store.ts";
import { unref } from "../store-kit/sleep.ts";
import { StreamWriter } from "./stream-writer.ts";
import { watchEnd } from "./watch-end.ts";

export interface GenerationOptions {
  store: StreamStore;
  id: string;
  /**
   * Moves what is generated to the writer, and resolves to how it ended. Rejects at once when the signal
   * aborts; what else it rejects with ends the stream as an error.
   */
  pump: (signal: AbortSignal, writer: StreamWriter) => Promise<StreamEnd>;
  writer: string;
  leaseMs: number;
  flushIntervalMs: number;
  flushSize: number;
  describeError: (error: unknown) => string;
}

/** The stream is out of this producer's hands: there is nothing left that it could record. */
const OUT_OF_HANDS: ReadonlySet<StreamErrorCode> = new Set([
  "NOT_ACTIVE",
  "FENCED",
  "NOT_FOUND",
  "EXPIRED",
  "UNAVAILABLE",
]);

/** How long a store may keep the end to itself that it has just taken. */
const READ_END_WITHIN_MS = 30_000;

/**
 * Pumps what is generated into the store, whoever is reading, until it ends or nothing more can be stored.
 *
 * Resolves to the stored end. Rejects with the `StreamError` of a stream that is no longer this
 * producer's (`FENCED`, `NOT_FOUND`, `EXPIRED`), cannot be reached (`UNAVAILABLE`) or read (`LOST`).
 */
export async function generate(options: GenerationOptions): Promise<StreamStatus> {
  const { store, id, writer: token, leaseMs, flushIntervalMs, flushSize } = options;
  const source = new AbortController();
  const watch = new AbortController();
  let over: { error: unknown } | undefined;
  let pumping = true;
  let late: ReturnType<typeof setTimeout> | undefined;

  const halt = (error: unknown): void => {
    over ??= { error };
    if (pumping) source.abort(new DOMException(`the stream ${id} is over`, "AbortError"));
  };
  const timing = { leaseMs, flushIntervalMs, flushSize };
  const writer = new StreamWriter(store, id, { writer: token, ...timing, onRefused: halt });
  const ended = watchEnd(store, id, watch.signal);
  ended.then(({ state }) => halt(new StreamError("NOT_ACTIVE", "it has ended", { state })), halt);

  try {
    const end = await options
      .pump(source.signal, writer)
      .catch((error: unknown) => (over === undefined ? failed(error) : undefined));
    pumping = false;
    if (end !== undefined && over === undefined) await writer.end(end).catch(halt);
    if (over !== undefined) await record(over.error).catch(unlessEnded);
    late = setTimeout(() => watch.abort(unread(id)), READ_END_WITHIN_MS);
    unref(late);
    return await ended;
  } finally {
    clearTimeout(late);
    writer.close();
    watch.abort();
  }

  function failed(error: unknown): StreamEnd {
    return { error: describe(error, options) };
  }

  async function record(reason: unknown): Promise<void> {
    if (StreamError.is(reason) && OUT_OF_HANDS.has(reason.code)) throw reason;
    const end = failed(reason);
    // Behind what the writer has under way; one that was refused takes nothing more.
    await writer.end(end).catch(() => store.append(id, [], { writer: token, end }));
  }
}

/** Somebody else's end is as good as ours: it stands, and `ended` tells it. */
function unlessEnded(error: unknown): void {
  if (!StreamError.is(error, "NOT_ACTIVE")) throw error;
}

/** The text for readers, come what may: without one the stream would not end before its lease does. */
function describe(error: unknown, { describeError }: GenerationOptions): string {
  try {
    const text: unknown = describeError(error);
    if (typeof text === "string") return text.toWellFormed();
  } catch {
    // The error is told all the same.
  }
  return "the generation failed";
}

function unread(id: string): StreamError {
  return new StreamError("UNAVAILABLE", `the end of ${id} is stored, but cannot be read`);
}
