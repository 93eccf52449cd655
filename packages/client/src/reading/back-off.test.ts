import { afterEach, describe, expect, test, vi } from "vitest";
import { backOff, parseRetryAfter } from "./back-off.ts";

afterEach(() => void vi.restoreAllMocks());

describe("backOff", () => {
  test.each([
    [0, 250],
    [1, 500],
    [2, 1_000],
    [5, 8_000],
    [6, 10_000],
    [2_000, 10_000],
  ])("before attempt %i is at most %i ms, and by chance down to half of it", (attempt, most) => {
    const random = vi.spyOn(Math, "random").mockReturnValue(0);
    expect(backOff(attempt)).toBe(most);
    random.mockReturnValue(1 - 2 ** -53);
    expect(backOff(attempt)).toBeCloseTo(most / 2);
    random.mockRestore();
    for (let i = 0; i < 1_000; i++) {
      expect(backOff(attempt)).toBeGreaterThan(most / 2 - 1);
      expect(backOff(attempt)).toBeLessThanOrEqual(most);
    }
  });

  test("differs from one who waits to the next", () => {
    expect(new Set(Array.from({ length: 100 }, () => backOff(3))).size).toBeGreaterThan(90);
  });
});

describe("parseRetryAfter", () => {
  const NOW = Date.parse("Sat, 21 Nov 2026 12:00:00 GMT");

  test.each([
    [null, 0],
    ["", 0],
    ["0", 0],
    ["1", 1_000],
    ["1.5", 1_500],
    ["60", 60_000],
    ["61", 60_000],
    ["1e99", 60_000],
    ["Infinity", 60_000],
    ["-5", 0],
    ["soon", 0],
    ["NaN", 0],
    ["Sat, 21 Nov 2026 12:00:03 GMT", 3_000],
    ["Sat, 21 Nov 2026 11:59:00 GMT", 0],
    ["Mon, 01 Jan 2125 00:00:00 GMT", 60_000],
  ])("%j is a pause of %i ms, or none", (value, ms) => {
    vi.spyOn(Date, "now").mockReturnValue(NOW);
    // What is below 0 is less than any pause.
    expect(Math.max(parseRetryAfter(value), 0)).toBe(ms);
  });
});
