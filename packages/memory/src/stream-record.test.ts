import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { StreamRecord } from "./stream-record.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

// Timers of Node may fire a moment early: then one look at the clock finds too little, the next enough.
it.each([0, 1, 2, 3, 4, 5])("expires if its time comes %i looks after the timer", (looks) => {
  let now = 0;
  let left = Infinity;
  vi.spyOn(performance, "now").mockImplementation(() => (left-- > 0 ? now : now + 1));
  const record = new StreamRecord({ writer: undefined, leaseMs: undefined, ttlSec: 1 });
  const expired = vi.fn(() => record.dispose());
  record.onExpiry(expired);
  now = 999.5;
  left = looks;
  vi.runAllTimers();
  expect(expired).toHaveBeenCalledOnce();
});
