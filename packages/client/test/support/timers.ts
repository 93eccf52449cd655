import { onTestFinished, vi } from "vitest";

/** The pauses, in milliseconds, of the timers that this package sets from now on, as long as they run. */
export function watchTimers(): () => number[] {
  const running = new Map<unknown, number>();
  const { setTimeout, clearTimeout } = globalThis;
  vi.stubGlobal("setTimeout", (run: () => void, ms: number) => {
    const timer = setTimeout(() => {
      running.delete(timer);
      run();
    }, ms);
    if (new Error("set").stack?.includes("/client/src/")) running.set(timer, ms);
    return timer;
  });
  vi.stubGlobal("clearTimeout", (timer: Parameters<typeof clearTimeout>[0]) => {
    running.delete(timer);
    clearTimeout(timer);
  });
  onTestFinished(() => void vi.unstubAllGlobals());
  return () => [...running.values()];
}
