import { expect } from "vitest";

const TIMEOUT_MS = 15_000;

/** Looks until what is expected is so; a browser on a busy machine takes its time. */
export const until = <Value>(
  look: () => Value | Promise<Value>,
): ReturnType<typeof expect.poll<Value>> => expect.poll(look, { timeout: TIMEOUT_MS });
