import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { LeakWatch } from "./leak-watch.ts";

/** Node tells of a destroyed timer a little later. */
function told(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

it("knows the timers set inside, until they are cleared or have fired", async () => {
  using watch = new LeakWatch();
  const outside = setTimeout(() => {}, 60_000);
  const [timeout, interval] = watch.run(() => [
    setTimeout(() => {}, 60_000).unref(),
    setInterval(() => {}, 60_000),
    setTimeout(() => {}, 1),
  ]);
  expect(watch.timers).toHaveLength(3);
  expect(watch.timers[0]).toContain("leak-watch.test.ts");
  clearTimeout(timeout);
  clearInterval(interval);
  await expect.poll(() => watch.timers).toEqual([]);
  clearTimeout(outside);
});

it("knows the timers set by what it awaits", async () => {
  using watch = new LeakWatch();
  const timer = await watch.run(async () => {
    await told();
    return setTimeout(() => {}, 60_000);
  });
  expect(watch.timers).toHaveLength(1);
  clearTimeout(timer);
});

it("knows the timers that Node sets when it is asked to", async () => {
  using watch = new LeakWatch();
  const abort = new AbortController();
  const [signal, sleeping] = watch.run(() => [
    AbortSignal.timeout(60_000),
    sleep(60_000, undefined, abort).catch(() => {}),
  ]);
  expect(watch.timers).toHaveLength(2);
  expect(signal.aborted).toBe(false);
  abort.abort();
  await sleeping;
});

it("does not count the timers that foreign code sets", () => {
  using watch = new LeakWatch(["/leak-watch.test."]);
  const timer = watch.run(() => setTimeout(() => {}, 60_000));
  expect(watch.timers).toEqual([]);
  clearTimeout(timer);
});
