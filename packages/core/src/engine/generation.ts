import { StreamError } from "../contracts/stream-error.ts";
import type { StreamErrorCode } from "../contracts/stream-error.ts";
import type { StreamStatus, StreamStore } from "../contracts/stream-store.ts";
import { pump } from "./pump.ts";
import type { StreamSource } from "./pump.ts";
import { StreamWriter } from "./stream-writer.ts";
import { watchEnd } from "./watch-end.ts";

export interface GenerationOptions {
  store: StreamStore;
  id: string;
  source: StreamSource;
  writer: string;
  leaseMs: number;
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

/**
 * Pumps the source into the store, whoever is reading, until it ends or nothing more can be stored.
 *
 * Resolves to the stored end. Rejects with the `StreamError` of a stream that is no longer this
 * producer's (`FENCED`, `NOT_FOUND`, `EXPIRED`), cannot be reached (`UNAVAILABLE`) or read (`LOST`).
 */
export async function generate(options: GenerationOptions): Promise<StreamStatus> {
  const { store, id, writer: token, leaseMs } = options;
  const describe = (error: unknown): string => options.describeError(error).toWellFormed();
  const source = new AbortController();
  const watch = new AbortController();
  let over: { error: unknown } | undefined;
  let pumping = true;

  const halt = (error: unknown): void => {
    over ??= { error };
    if (pumping) source.abort(new DOMException(`the stream ${id} is over`, "AbortError"));
  };
  const writer = new StreamWriter(store, id, { writer: token, leaseMs, onRefused: halt });
  const ended = watchEnd(store, id, watch.signal);
  ended.then(({ state }) => halt(new StreamError("NOT_ACTIVE", "it has ended", { state })), halt);

  try {
    const end = await pump(options.source, source.signal, writer).then(
      () => "done" as const,
      (error: unknown) => ({ error: describe(error) }),
    );
    pumping = false;
    if (over === undefined) await writer.end(end).catch(halt);
    if (over !== undefined) await record(over.error);
    return await ended;
  } finally {
    writer.close();
    watch.abort();
  }

  async function record(error: unknown): Promise<void> {
    if (StreamError.is(error, "NOT_ACTIVE")) return;
    if (StreamError.is(error) && OUT_OF_HANDS.has(error.code)) throw error;
    await store.append(id, [], { writer: token, end: { error: describe(error) } });
  }
}
