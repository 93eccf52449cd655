import { getEventListeners } from "node:events";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keepsAlive } from "../../test/support/timers.ts";
import { sleep } from "./sleep.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("resolves after its time, and leaves nothing", async () => {
  const { signal } = new AbortController();
  let over = false;
  const slept = sleep(50, signal).then(() => (over = true));
  await vi.advanceTimersByTimeAsync(49);
  expect(over).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await slept;
  expect(vi.getTimerCount()).toBe(0);
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("resolves at an abort, and leaves nothing", async () => {
  const controller = new AbortController();
  const slept = sleep(50, controller.signal);
  controller.abort();
  await slept;
  expect(vi.getTimerCount()).toBe(0);
  expect(getEventListeners(controller.signal, "abort")).toEqual([]);
});

test("resolves at once on a signal that has aborted", async () => {
  await sleep(50, AbortSignal.abort());
  expect(vi.getTimerCount()).toBe(0);
});

test("keeps a process alive only where it is told to", () => {
  vi.useRealTimers();
  const set = vi.spyOn(globalThis, "setTimeout");
  void sleep(20);
  void sleep(20, undefined, { keepAlive: true });
  expect(set.mock.results.map(({ value }) => keepsAlive(value))).toEqual([false, true]);
  set.mockRestore();
});
