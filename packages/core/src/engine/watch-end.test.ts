import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { unavailable } from "../../test/support/append-log.ts";
import { readingStore } from "../../test/support/reading-store.ts";
import { StreamError } from "../contracts/stream-error.ts";
import { watchEnd } from "./watch-end.ts";

const DONE = { state: "done", totalChunks: 2 } as const;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("resolves to the end, whatever comes before it", async () => {
  const { store, cursors } = readingStore([["a", "b", DONE]]);
  expect(await watchEnd(store, "s", new AbortController().signal)).toEqual(DONE);
  expect(cursors).toEqual([0]);
});

test("takes no chunks from a reader that can leave them out", async () => {
  const { store, cursors } = readingStore(
    [
      ["a", unavailable()],
      ["b", "c", DONE],
    ],
    {
      ofTheKit: true,
    },
  );
  const watching = watchEnd(store, "s", new AbortController().signal);
  await vi.advanceTimersByTimeAsync(500);
  expect(await watching).toEqual(DONE);
  expect(cursors).toEqual([0, 0]);
});

test("bears a store that is away for a while, and goes on where it was", async () => {
  const { store, cursors } = readingStore([
    [unavailable()],
    ["a", unavailable()],
    [unavailable()],
    ["b", DONE],
  ]);
  const watching = watchEnd(store, "s", new AbortController().signal);
  await vi.advanceTimersByTimeAsync(499);
  expect(cursors).toEqual([0]);
  await vi.advanceTimersByTimeAsync(1_001);
  expect(await watching).toEqual(DONE);
  expect(cursors).toEqual([0, 0, 1, 1]);
  expect(vi.getTimerCount()).toBe(0);
});

test.each(["EXPIRED", "NOT_FOUND", "LOST", "INVALID_CURSOR"] as const)(
  "rejects with %s",
  async (code) => {
    const refusal = new StreamError(code, "why");
    const { store } = readingStore([[refusal]]);
    await expect(watchEnd(store, "s", new AbortController().signal)).rejects.toBe(refusal);
  },
);

test("a cursor that was good before the store was away, and is not now, means a loss", async () => {
  const { store } = readingStore([
    ["a", "b", unavailable()],
    [new StreamError("INVALID_CURSOR", "past the end")],
  ]);
  const watching = watchEnd(store, "s", new AbortController().signal);
  const told = expect(watching).rejects.toMatchObject({ code: "LOST" });
  await vi.advanceTimersByTimeAsync(500);
  await told;
});

test("rejects when a store throws at once, or something of its own", async () => {
  const bug = new TypeError("a bug");
  const { store } = readingStore([[bug]]);
  await expect(watchEnd(store, "s", new AbortController().signal)).rejects.toBe(bug);
  store.readFrom = () => {
    throw bug;
  };
  await expect(watchEnd(store, "s", new AbortController().signal)).rejects.toBe(bug);
});

test("an abort ends it, while it reads and while it waits to try again", async () => {
  const reading = new AbortController();
  const { store } = readingStore([["a", "wait"]]);
  const told = expect(watchEnd(store, "s", reading.signal)).rejects.toBe("mine");
  await vi.advanceTimersByTimeAsync(0);
  reading.abort("mine");
  await told;

  const waiting = new AbortController();
  const away = readingStore([[unavailable()], ["wait"]]);
  const toldToo = expect(watchEnd(away.store, "s", waiting.signal)).rejects.toBe("mine");
  await vi.advanceTimersByTimeAsync(100);
  waiting.abort("mine");
  await toldToo;
  expect(vi.getTimerCount()).toBe(0);
});
