import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { MemoryActiveStreams } from "@streambed/memory";

class Counted extends MemoryActiveStreams {
  get size(): number {
    return this.pointers.size;
  }
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("pointers whose time is over do not pile up, and no timer sees to it", async () => {
  const pointers = new Counted();
  const sizes: number[] = [];
  for (let n = 0; n < 20_000; n++) {
    // A thousand at a time are within their time, and one in ten stays for a day.
    await pointers.set(`chat-${n}`, "s", n % 10 === 0 ? {} : { ttlSec: 1 });
    vi.advanceTimersByTime(1);
    sizes.push(pointers.size - Math.ceil((n + 1) / 10));
  }
  expect(Math.max(...sizes)).toBeLessThan(3_000);
  expect(sizes.at(-1)).toBeLessThan(3_000);
  expect(vi.getTimerCount()).toBe(0);
  expect(await pointers.get("chat-0")).toBe("s");
});

it("one that is over goes when it is looked at, and one that is cleared at once", async () => {
  const pointers = new Counted({ ttlSec: 1 });
  await pointers.set("a", "s");
  await pointers.set("b", "s");
  vi.advanceTimersByTime(999);
  expect(await pointers.get("a")).toBe("s");
  await pointers.clear("b", "s");
  expect(pointers.size).toBe(1);
  vi.advanceTimersByTime(1);
  expect(await pointers.get("a")).toBeNull();
  expect(pointers.size).toBe(0);
});
