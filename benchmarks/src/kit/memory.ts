import { setTimeout as sleep } from "node:timers/promises";

/** Bytes that are really held, on the heap and off it, once all that can go has gone. */
export async function heldBytes(): Promise<number> {
  if (globalThis.gc === undefined) throw new Error("run with --expose-gc");
  for (let i = 0; i < 3; i++) {
    // What finalizers and closed handles let go of is gone a turn of the loop later.
    await sleep(20);
    globalThis.gc();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
