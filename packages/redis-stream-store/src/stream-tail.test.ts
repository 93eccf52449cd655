import { expect, test } from "vitest";
import { PollSchedule } from "./poll-schedule.ts";
import { StreamTail } from "./stream-tail.ts";

const page = (totalChunks: number) => ({
  epoch: "e",
  status: { state: "active" as const, totalChunks },
  chunks: [],
});
const feedOf = (chunks: string[], totalChunks: number) => ({ epoch: "e", chunks, totalChunks });

function openTail() {
  return new StreamTail({
    id: "s",
    read: async () => null,
    schedule: new PollSchedule({ firstMs: 50, mostMs: 50 }),
    onWaiting: () => {},
    onIdle: () => {},
    push: undefined,
  });
}

test("chunks wake those who want them, and an end wakes everybody", async () => {
  const tail = openTail();
  tail.keepsChunks = true;
  const { signal } = new AbortController();
  const told: string[] = [];
  void tail.changed(page(0), signal, true).then(() => told.push("reader"));
  const ended = tail.changed(page(0), signal, false).then(() => told.push("producer"));
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
  const leave = new AbortController();
  void tail.changed(page(0), leave.signal, true);
  tail.feed(feedOf(["a", "b"], 2), { writer: "w" });
  void tail.changed(page(0), leave.signal, false);
  expect(await tail.read(0, true)).toMatchObject({ chunks: ["a", "b"] });
  leave.abort();
});
