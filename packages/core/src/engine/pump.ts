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
  const untilAborted = interruptibleBy(signal);
  const chunks = new ToChunks();
  let exhausted = false;
  try {
    for (;;) {
      const item = await untilAborted(() => items.next());
      if (item.done === true) break;
      const chunk = chunks.next(item.value);
      if (chunk !== undefined) await writer.write(chunk);
    }
    exhausted = true;
    for (const chunk of chunks.rest()) await writer.write(chunk);
  } finally {
    // Not awaited: a generator that waits for its model answers `return()` only after that.
    if (!exhausted) void (async () => items.return?.())().catch(() => {});
  }
}

/** Lets one step at a time lose against the signal, with a single listener for all of them. */
function interruptibleBy(signal: AbortSignal): <T>(step: () => Promise<T>) => Promise<T> {
  let interrupt: (reason: unknown) => void = () => {};
  signal.addEventListener("abort", () => interrupt(signal.reason), { once: true });
  return (step) =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      interrupt = reject;
      step().then(resolve, reject);
    });
}
