import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Heartbeat } from "./heartbeat.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function open() {
  const beats: number[] = [];
  const startedAt = Date.now();
  const heartbeat = new Heartbeat(1_000, () => beats.push(Date.now() - startedAt));
  return { heartbeat, beats };
}

test("beats through a wait, and no longer", () => {
  const { heartbeat, beats } = open();
  heartbeat.waitBegins();
  vi.advanceTimersByTime(3_400);
  heartbeat.waitIsOver();
  vi.advanceTimersByTime(10_000);
  expect(beats).toEqual([1_000, 2_000, 3_000]);
});

test("no pause is longer than it says, however short waits come before it", () => {
  const { heartbeat, beats } = open();
  for (let at = 0; at < 5_750; at += 50) {
    heartbeat.waitBegins();
    vi.advanceTimersByTime(50);
    heartbeat.waitIsOver();
  }
  expect(beats).toEqual([]);
  heartbeat.waitBegins();
  vi.advanceTimersByTime(1_000);
  expect(beats).toHaveLength(1);
  expect((beats[0] ?? 0) - 5_750).toBeGreaterThan(500);
});

test("keeps no timer where nobody waits any more, or it was closed", () => {
  const { heartbeat, beats } = open();
  heartbeat.waitBegins();
  heartbeat.waitIsOver();
  vi.advanceTimersByTime(500);
  expect(vi.getTimerCount()).toBe(0);
  heartbeat.waitBegins();
  expect(vi.getTimerCount()).toBe(1);
  heartbeat.close();
  expect([vi.getTimerCount(), beats]).toEqual([0, []]);
});
