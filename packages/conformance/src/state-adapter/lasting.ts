import { expect } from "vitest";
import { pause } from "../stream-store/asserting.ts";

/** Time for a busy machine, and for servers that look at their clock now and then. */
export const SLACK_MS = 1500;

/** What two clocks may differ by over some hundred milliseconds. */
const CLOCKS_MS = 20;

export interface Lasting {
  what: string;
  ttlMs: number;
  /** From when the time counts; looked at no earlier than this has resolved. */
  start(): Promise<unknown>;
  /** Whether it is still there. */
  holds(): Promise<boolean>;
}

/**
 * Something is there for `ttlMs` and gone soon afterwards. What a look shows counts if the time cannot have been
 * over when its answer was in: a busy machine sees less, not something else.
 */
export async function expectToLast({ what, ttlMs, start, holds }: Lasting): Promise<void> {
  const since = performance.now();
  await start();
  for (;;) {
    const isThere = await holds();
    const after = performance.now() - since;
    if (after >= ttlMs - CLOCKS_MS) {
      // To look again may change it: whoever looks at a lock by taking it has it then.
      if (!isThere) return;
      break;
    }
    expect(isThere, `${what}: is there after ${after.toFixed()} of ${ttlMs} ms`).toBe(true);
    await pause(40);
  }
  await expectGone(what, ttlMs + SLACK_MS - (performance.now() - since), holds);
}

/** Something that is gone within `ms`. */
export async function expectGone(
  what: string,
  ms: number,
  holds: () => Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + ms;
  while (await holds()) {
    if (performance.now() > deadline) expect.fail(`${what}: is still there`);
    await pause(10);
  }
}
