import { afterEach, expect, test, vi } from "vitest";
import { readStream } from "../src/index.ts";
import { EVENT_STREAM, head, outcomeOf } from "./support/answers.ts";
import { rawServer } from "./support/raw-server.ts";
import type { Script } from "./support/raw-server.ts";

vi.setConfig({ testTimeout: 8_000 });
afterEach(() => void vi.useRealTimers());

/** For the reader, a minute passes. */
const aMinute = (): void => void vi.setSystemTime(Date.now() + 60_000);
const QUICK = { retryDelayMs: () => 0, silenceMs: 250, maxRetries: 2 };

/** A connection with a comment after a minute, or without, that then says no more. */
const lasting =
  (how: { comment: boolean; close: boolean }): Script =>
  (socket) => {
    socket.write(head("200 OK", EVENT_STREAM) + ": begin\n\n");
    setTimeout(() => {
      aMinute();
      if (how.comment) socket.write(": heartbeat\n\n");
      if (how.close) setTimeout(() => socket.end(), 20);
    }, 20);
  };

test.each([
  ["does not answer", () => void setTimeout(aMinute, 20)],
  ["answers, and is silent", lasting({ comment: false, close: false })],
] as [string, Script][])("a server that %s, for however long, is given up", async (_, script) => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const server = await rawServer(script);
  const outcome = await outcomeOf(readStream({ url: server.url, ...QUICK }));
  expect(outcome).toMatchObject({ code: "UNAVAILABLE", error: { cause: { message: "silence" } } });
  expect(server.requests).toHaveLength(3);
});

test.each([
  ["is closed", true],
  ["goes silent", false],
])(
  "a model that is silent is not given up, where each connection %s in the end",
  async (_, close) => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const server = await rawServer(lasting({ comment: true, close }));
    const leaving = new AbortController();
    const reading = outcomeOf(readStream({ url: server.url, ...QUICK, signal: leaving.signal }));
    await expect.poll(() => server.requests.length, { timeout: 5_000 }).toBeGreaterThan(4);
    leaving.abort("left");
    expect(await reading).toMatchObject({ error: "left" });
  },
);
