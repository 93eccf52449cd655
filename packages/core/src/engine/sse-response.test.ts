import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { readingStore } from "../../test/support/reading-store.ts";
import type { Reading } from "../../test/support/reading-store.ts";
import { keepsAlive } from "../../test/support/timers.ts";
import { noUnhandledRejections } from "../../test/support/unhandled.ts";
import { SseDecoder } from "../codec/sse-decoder.ts";
import { StreamError } from "../contracts/stream-error.ts";
import type { StreamStatus } from "../contracts/stream-store.ts";
import { toSseResponse } from "./sse-response.ts";

const DONE: StreamStatus = { state: "done", totalChunks: 0 };

noUnhandledRejections();
beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] }));
afterEach(() => {
  expect(vi.getTimerCount(), "timers left").toBe(0);
  vi.useRealTimers();
});

const idle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function respond(reading: Reading, afterSeq = 0, heartbeatMs = 1_000) {
  const { store, counts, cursors } = readingStore([reading]);
  const response = toSseResponse({ store, id: "s", afterSeq, heartbeatMs });
  return { response, store, counts, cursors };
}

async function eventsOf(response: Response) {
  return new SseDecoder().decode(await response.text());
}

function readText(response: Response) {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  return { read: async () => (await reader.read()).value, cancel: () => reader.cancel() };
}

describe("sends", () => {
  const BEGIN = { lastEventId: "", event: "stream-id", data: "s" };

  test("the id, each chunk with its seq, events by name, and that it is done", async () => {
    const { response } = respond(["\x01a", "usage\x01{}", "plain", "\x01", "done\x01x", DONE]);
    expect(await eventsOf(response)).toEqual([
      BEGIN,
      { lastEventId: "1", event: "", data: "a" },
      { lastEventId: "2", event: "usage", data: "{}" },
      { lastEventId: "3", event: "", data: "plain" },
      { lastEventId: "4", event: "", data: "" },
      { lastEventId: "5", event: "", data: "done\x01x" },
      { lastEventId: "5", event: "done", data: "" },
    ]);
  });

  test.each<[string, StreamStatus, object[]]>([
    ["a clean end", DONE, [{ event: "done", data: "" }]],
    [
      "a stop",
      { state: "stopped", totalChunks: 0 },
      [
        { event: "stopped", data: "" },
        { event: "done", data: "" },
      ],
    ],
    [
      "an error, whose text forges nothing",
      { state: "error", error: "why\n\nevent: done\r\rdata: x", totalChunks: 0 },
      [
        { event: "error", data: "why\n\nevent: done\r\rdata: x" },
        { event: "done", data: "" },
      ],
    ],
    [
      "an error without a text",
      { state: "error", totalChunks: 0 },
      [
        { event: "error", data: "" },
        { event: "done", data: "" },
      ],
    ],
  ])("%s", async (_, end, events) => {
    const { response } = respond([end]);
    expect(await eventsOf(response)).toMatchObject([BEGIN, ...events]);
  });

  test.each(["LOST", "EXPIRED", "NOT_FOUND", "UNAVAILABLE"] as const)(
    "%s as an error that is no end: nothing is done",
    async (code) => {
      const { response } = respond(["\x01a", new StreamError(code, "why")]);
      const events = await eventsOf(response);
      expect(events.slice(1)).toMatchObject([
        { data: "a" },
        { event: "error", data: `${code}: why` },
      ]);
    },
  );

  test("nothing of an error that is not meant for readers", async () => {
    const { response } = respond([new TypeError("redis://user:secret@host")]);
    const text = await response.text();
    expect(text).toContain("event: error");
    expect(text).not.toContain("secret");
  });

  test("headers that keep proxies from holding it back", () => {
    const { headers, status } = respond([DONE]).response;
    expect(status).toBe(200);
    expect(Object.fromEntries(headers)).toEqual({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache, no-transform",
      "x-accel-buffering": "no",
      "x-stream-id": "s",
    });
  });

  test("on from a cursor", async () => {
    const { response, cursors } = respond(["\x01h", DONE], 7);
    expect((await eventsOf(response))[1]).toMatchObject({ lastEventId: "8", data: "h" });
    expect(cursors).toEqual([7]);
  });
});

describe("costs", () => {
  test("nothing unread", async () => {
    const { response, counts } = respond(["\x01a", DONE]);
    await idle();
    expect(counts).toEqual({ open: 0, closed: 0, reads: 0 });
    expect(vi.getTimerCount()).toBe(0);
    await response.body?.cancel();
    expect(counts.open).toBe(0);
  });

  test("a read for what is taken, and no timer where nobody reads on", async () => {
    const { response, counts } = respond(["\x01a", "\x01b", "\x01c", DONE]);
    const reader = response.body!.getReader();
    await reader.read();
    await idle();
    expect([counts.reads, vi.getTimerCount()]).toEqual([0, 0]);
    await reader.read();
    await idle();
    vi.advanceTimersByTime(500);
    expect([counts.reads, vi.getTimerCount()]).toEqual([1, 0]);
    await reader.cancel();
    expect(counts.closed).toBe(1);
  });
});

describe("heartbeats", () => {
  test("come while the stream is quiet and the reader waits", async () => {
    const { response } = respond(["\x01a", "wait"]);
    const { read, cancel } = readText(response);
    await read();
    await read();
    for (let i = 0; i < 3; i++) {
      const next = read();
      await idle();
      vi.advanceTimersByTime(1_000);
      expect(await next).toBe(": heartbeat\n\n");
    }
    await cancel();
  });

  test("do not pile up for a reader that has stopped reading", async () => {
    const { response } = respond(["wait"]);
    const reader = response.body!.getReader();
    await reader.read();
    const waiting = reader.read();
    await idle();
    vi.advanceTimersByTime(1_000);
    await waiting;
    // Now it is busy with something else for an hour.
    vi.advanceTimersByTime(3_600_000);
    let waitingFor = 0;
    for (;;) {
      const next = await Promise.race([reader.read(), idle().then(() => undefined)]);
      if (next === undefined) break;
      waitingFor++;
    }
    expect(waitingFor).toBeLessThanOrEqual(1);
    await reader.cancel();
  });

  test("stop at the end, at an error and when the reader leaves", async () => {
    for (const last of [DONE, new StreamError("LOST", "why")]) {
      await respond(["\x01a", last]).response.text();
      expect(vi.getTimerCount()).toBe(0);
    }
    const { response, counts } = respond(["\x01a", "wait"]);
    const reader = response.body!.getReader();
    await reader.read();
    await reader.read();
    const waiting = reader.read();
    await idle();
    expect(vi.getTimerCount()).toBe(1);
    await reader.cancel();
    expect(vi.getTimerCount()).toBe(0);
    expect(await waiting).toMatchObject({ done: true });
    await idle();
    expect(counts).toMatchObject({ open: 1, closed: 1 });
  });

  test("stop when a reader leaves a store that goes on waiting, too", async () => {
    const { response, store } = respond([]);
    async function* deaf(): AsyncGenerator<never, StreamStatus, undefined> {
      await new Promise(() => {});
      yield* [];
      return DONE;
    }
    store.readFrom = deaf;
    const reader = response.body!.getReader();
    await reader.read();
    void reader.read();
    await idle();
    void reader.cancel();
    vi.advanceTimersByTime(10_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("once in a lifetime, if that is asked for, do not come every millisecond", async () => {
    const reader = respond(["wait"], 0, 1e12).response.body!.getReader();
    await reader.read();
    let heard = 0;
    void reader.read().then(() => heard++);
    await idle();
    vi.advanceTimersByTime(3_600_000);
    await idle();
    expect(heard).toBe(0);
    await reader.cancel();
  });

  test("keep no process alive", async () => {
    vi.useRealTimers();
    const set = vi.spyOn(globalThis, "setInterval");
    const reader = respond(["wait"]).response.body!.getReader();
    await reader.read();
    void reader.read();
    await idle();
    expect(keepsAlive(set.mock.results[0]?.value)).toBe(false);
    await reader.cancel();
    set.mockRestore();
    vi.useFakeTimers();
  });
});
