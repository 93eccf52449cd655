import { afterEach, beforeEach, expect } from "vitest";

/** Makes each test of the file fail that leaves a promise's rejection without a handler. */
export function noUnhandledRejections(): void {
  let seen: unknown[] = [];
  const note = (reason: unknown): void => void seen.push(reason);
  beforeEach(() => {
    seen = [];
    process.on("unhandledRejection", note);
  });
  afterEach(async () => {
    // They are told after the microtasks, a turn of the event loop later.
    for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", note);
    expect(seen, "unhandled rejections").toEqual([]);
  });
}
