import { useEffect, useMemo, useSyncExternalStore } from "react";
import { DurableStream } from "../durable-stream.ts";
import type { DurableStreamOptions, DurableStreamSnapshot } from "../durable-stream.ts";

export type UseDurableStream = DurableStreamSnapshot &
  Pick<DurableStream, "start" | "resume" | "stop">;

/**
 * An answer as it grows. A component that comes back, or a page that was reloaded and has a `storage`, goes on with
 * the answer that it was reading; one that goes leaves it, and the answer goes on.
 *
 * Another `url` or `chat` is another stream; a change of other options counts from the next request on.
 */
export function useDurableStream(options: DurableStreamOptions): UseDurableStream {
  const url = String(options.url);
  const stream = useMemo(() => new DurableStream(options), [url, options.chat]);
  const read = (): DurableStreamSnapshot => stream.snapshot;
  const snapshot = useSyncExternalStore(stream.subscribe, read, read);

  useEffect(() => {
    stream.options = options;
  });
  useEffect(() => {
    void stream.resume();
    return stream.leave;
  }, [stream]);

  const { start, resume, stop } = stream;
  return { ...snapshot, start, resume, stop };
}
