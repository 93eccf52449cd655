import { MemoryStreamStore } from "@streambed/memory";
import { onTestFinished, vi } from "vitest";

/** Knows how many are reading. */
export class WatchedStore extends MemoryStreamStore {
  /** Readers that have not come to their end, the producer's own among them. */
  readers = 0;
  /** Chunks that readers have taken. */
  taken = 0;

  override readFrom(
    ...args: Parameters<MemoryStreamStore["readFrom"]>
  ): ReturnType<MemoryStreamStore["readFrom"]> {
    const reader = super.readFrom(...args);
    const { next, return: leave } = reader;
    let open = true;
    this.readers++;
    const close = (): void => {
      if (open) this.readers--;
      open = false;
    };
    reader.next = async () => {
      const step = await next.call(reader);
      if (step.done) close();
      else this.taken++;
      return step;
    };
    reader.return = (value) => {
      close();
      return leave.call(reader, value);
    };
    return reader;
  }
}

/** How many of the timers that repeat, heartbeats among them, run: those that are set from now on. */
export function watchIntervals(): () => number {
  const running = new Set<unknown>();
  const { setInterval, clearInterval } = globalThis;
  vi.stubGlobal("setInterval", (...args: Parameters<typeof setInterval>) => {
    const timer = setInterval(...args);
    running.add(timer);
    return timer;
  });
  vi.stubGlobal("clearInterval", (timer: Parameters<typeof clearInterval>[0]) => {
    running.delete(timer);
    clearInterval(timer);
  });
  onTestFinished(() => void vi.unstubAllGlobals());
  return () => running.size;
}
