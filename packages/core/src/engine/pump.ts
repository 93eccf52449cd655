import type { StreamEvent } from "../codec/stream-event.ts";
import type { StreamWriter } from "./stream-writer.ts";
import { ToChunks } from "./to-chunks.ts";

/** What a generation yields: text, or events with a name of their own. */
export type StreamSource =
  | AsyncIterable<string | StreamEvent>
  | ((signal: AbortSignal) => AsyncIterable<string | StreamEvent>);

/**
 * Moves everything that `source` yields to `writer`. Once `signal` aborts it rejects at once, also
 * while the source is silent, and asks the source to finish without waiting for it.
 */
export async function pump(
  source: StreamSource,
  signal: AbortSignal,
  writer: Pick<StreamWriter, "write">,
): Promise<void> {
  const items = (typeof source === "function" ? source(signal) : source)[Symbol.asyncIterator]();
  let exhausted = false;
  const move = async (): Promise<void> => {
    const chunks = new ToChunks();
    while (!signal.aborted) {
      const item = await items.next();
      if (item.done === true) break;
      if (signal.aborted) return;
      const chunk = chunks.next(item.value);
      // Awaited only when there is no room: a promise a chunk is much, where chunks come fast.
      const room = chunk === undefined ? undefined : writer.write(chunk);
      if (room !== undefined) await room;
    }
    if (signal.aborted) return;
    exhausted = true;
    for (const chunk of chunks.rest()) await writer.write(chunk);
  };
  try {
    await unlessAborted(move(), signal);
    if (!exhausted) signal.throwIfAborted();
  } finally {
    // Not awaited: a generator that waits for its model answers `return()` only after that.
    if (!exhausted) void (async () => items.return?.())().catch(() => {});
  }
}

/** `promise`, or the signal's reason if that comes first. */
async function unlessAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  let onAbort: () => void = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
