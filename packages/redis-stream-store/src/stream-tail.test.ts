import { expect, test } from "vitest";
import { PollSchedule } from "./poll-schedule.ts";
import { StreamTail } from "./stream-tail.ts";

const page = (totalChunks: number) => ({
  epoch: "e",
  status: { state: "active" as const, totalChunks },
  chunks: [],
});
const feedOf = (chunks: string[], totalChunks: number) => ({ epoch: "e", chunks, totalChunks });

/** Each reader has one of its own. */
const signalOf = (): AbortSignal => new AbortController().signal;

function openTail() {
  return new StreamTail({
    id: "s",
    read: async () => null,
    chunkOf: (stored) => stored,
    schedule: new PollSchedule({ firstMs: 50, mostMs: 50 }),
    onWaiting: () => {},
    onIdle: () => {},
    push: undefined,
  });
}

test("chunks wake those who want them, and an end wakes everybody", async () => {
  const tail = openTail();
  tail.keepsChunks = true;
  const told: string[] = [];
  void tail.changed(page(0), signalOf(), true).then(() => told.push("reader"));
  const ended = tail.changed(page(0), signalOf(), false).then(() => told.push("producer"));
  tail.feed(feedOf(["a"], 1), { writer: "w" });
  await new Promise((resolve) => setImmediate(resolve));
  expect(told).toEqual(["reader"]);

  const { finish } = tail.startLook();
  const status = { state: "stopped" as const, totalChunks: 1 };
  finish({ epoch: "e", status, chunks: [], isAnnounced: false, leaseMs: undefined });
  await ended;
  expect(told).toEqual(["reader", "producer"]);
});

test("who waits for the end only does not make the tail forget newer chunks", async () => {
  const tail = openTail();
  tail.keepsChunks = true;
  void tail.changed(page(0), signalOf(), true);
  tail.feed(feedOf(["a", "b"], 2), { writer: "w" });
  void tail.changed(page(0), signalOf(), false);
  expect(await tail.read(0, true)).toMatchObject({ chunks: ["a", "b"] });
});

test("a reader that leaves waits no longer, and one that waits again is woken again", async () => {
  const tail = openTail();
  const leave = new AbortController();
  for (const total of [1, 2]) {
    const woken = tail.changed(page(total - 1), leave.signal, true);
    tail.feed(feedOf(["a"], total), { writer: "w" });
    await woken;
  }
  const waiting = tail.changed(page(2), leave.signal, true);
  leave.abort();
  await waiting;
});
