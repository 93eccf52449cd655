import { onMount } from "svelte";
import { createSubscriber } from "svelte/reactivity";
import { DurableStream } from "../durable-stream.ts";
import type { DurableStreamOptions, DurableStreamSnapshot } from "../durable-stream.ts";

export type UseDurableStream = DurableStreamSnapshot &
  Pick<DurableStream, "start" | "resume" | "stop">;

/**
 * An answer as it grows: its fields are reactive like `$state`. Call it while a component is made. One that comes
 * back after a reload, with a `storage`, goes on with the answer that it was reading; one that goes leaves it, and
 * the answer goes on.
 */
export function useDurableStream(options: DurableStreamOptions): UseDurableStream {
  const stream = new DurableStream(options);
  const track = createSubscriber(stream.subscribe);
  const snapshot = (): DurableStreamSnapshot => {
    track();
    return stream.snapshot;
  };

  onMount(() => {
    void stream.resume();
    return stream.leave;
  });

  const { start, resume, stop } = stream;
  return {
    get id() {
      return snapshot().id;
    },
    get state() {
      return snapshot().state;
    },
    get text() {
      return snapshot().text;
    },
    get events() {
      return snapshot().events;
    },
    get seq() {
      return snapshot().seq;
    },
    start,
    resume,
    stop,
  };
}
