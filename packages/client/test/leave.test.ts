import { Readable } from "node:stream";
import { describe, expect, test, vi } from "vitest";
import { readStream } from "../src/index.ts";
import type { ReaderState } from "../src/index.ts";
import { DONE, event, head, openStream, respond, stream } from "./support/answers.ts";
import type { Script } from "./support/raw-server.ts";
import { readAll, watchedPlace } from "./support/watched-place.ts";

vi.setConfig({ testTimeout: 8_000 });

const A = event(1, "a");
const silent: Script = () => {};
const failing = respond("500 Oops");

describe("an aborted reader throws the signal's reason, and leaves nothing behind", () => {
  test("before the start", async () => {
    const { server, reason, leave, options, expectNothingLeft } = await watchedPlace(openStream(A));
    const reader = readStream(options);
    leave();
    await expect(reader.next()).rejects.toBe(reason);
    await expectNothingLeft();
    await expect(readStream(options).next()).rejects.toBe(reason);
    expect(server.requests).toEqual([]);
    await expectNothingLeft();
    expect(await reader.next()).toEqual({ done: true, value: undefined });
  });

  test("while the headers of the request are made", async () => {
    const { server, reason, leave, options, expectNothingLeft } = await watchedPlace(openStream(A));
    const { promise, resolve } = Promise.withResolvers<HeadersInit>();
    const reading = readStream({ ...options, headers: () => promise }).next();
    setImmediate(leave);
    await expect(reading).rejects.toBe(reason);
    resolve({});
    // By then it would have been sent.
    await new Promise((later) => setTimeout(later, 50));
    expect(server.requests).toEqual([]);
    await expectNothingLeft();
  });

  test.each([
    ["while the response is awaited", silent],
    ["in the middle of the head", (socket) => void socket.write("HTTP/1.1 200 OK\r\n")],
    ["in the middle of the body", openStream(A, "id: 2\nda")],
    ["in the body of an error", (socket) => void socket.write(head("500 Oops") + "x")],
  ] as [string, Script][])("%s", async (_, script) => {
    const { server, reason, leave, options, expectNothingLeft } = await watchedPlace(script);
    const reading = readAll(readStream(options));
    reading.catch(() => {});
    await expect.poll(() => server.requests.length).toBe(1);
    await new Promise((later) => setTimeout(later, 30));
    expect(server.sockets.size).toBe(1);
    leave();
    await expect(reading).rejects.toBe(reason);
    await expectNothingLeft();
  });

  test("in a pause", async () => {
    const { timers, page, reason, leave, options, expectNothingLeft } = await watchedPlace(failing);
    const reading = readAll(readStream(options));
    reading.catch(() => {});
    await expect.poll(timers).toEqual([60_000]);
    expect(page.listeners()).toBe(5);
    leave();
    await expect(reading).rejects.toBe(reason);
    await expectNothingLeft();
  });

  test.each(["connecting", "streaming", "reconnecting"])("when told of %s", async (phase) => {
    const { reason, leave, options, expectNothingLeft } = await watchedPlace(
      failing,
      openStream(A + event(2, "b")),
    );
    const onState = (state: ReaderState): void => void (state.phase === phase && leave());
    const retryDelayMs = (): number => (phase === "streaming" ? 0 : 60_000);
    await expect(readAll(readStream({ ...options, onState, retryDelayMs }))).rejects.toBe(reason);
    await expectNothingLeft();
  });

  test("when asked how long to wait", async () => {
    const { reason, leave, options, expectNothingLeft } = await watchedPlace(failing);
    const retryDelayMs = (): number => (leave(), 60_000);
    await expect(readAll(readStream({ ...options, retryDelayMs }))).rejects.toBe(reason);
    await expectNothingLeft();
  });

  test.each([
    ["and more has come", openStream(A, event(2, "b"), DONE)],
    ["and nothing more has come", openStream(A)],
  ])("while an event is held, %s", async (_, script) => {
    const { reason, leave, options, expectNothingLeft } = await watchedPlace(script);
    const reader = readStream(options);
    expect((await reader.next()).value).toMatchObject({ seq: 1 });
    leave();
    // At once, although nobody asks for more.
    await expectNothingLeft();
    await expect(reader.next()).rejects.toBe(reason);
    await expectNothingLeft();
  });

  test("with a reason that is no error", async () => {
    const { server, options } = await watchedPlace(silent);
    const leaving = new AbortController();
    const reading = readAll(readStream({ ...options, signal: leaving.signal }));
    reading.catch(() => {});
    await expect.poll(() => server.requests.length).toBe(1);
    leaving.abort(null);
    await expect(reading).rejects.toBe(null);
  });
});

describe("a reader that is left leaves nothing behind", () => {
  test("by leaving the loop", async () => {
    const { options, expectNothingLeft } = await watchedPlace(openStream(A, event(2, "b")));
    for await (const { seq } of readStream(options)) {
      if (seq === 1) break;
    }
    await expectNothingLeft();
  });

  test("by an error in the loop", async () => {
    const { options, expectNothingLeft } = await watchedPlace(openStream(A));
    const reading = (async () => {
      for await (const _ of readStream(options)) throw new Error("mine");
    })();
    await expect(reading).rejects.toThrow("mine");
    await expectNothingLeft();
  });

  test.each([
    ["the response is awaited", silent],
    ["the body is awaited", openStream()],
    ["a pause goes on", failing],
  ])("by return() while %s", async (_, script) => {
    const { server, timers, options, expectNothingLeft } = await watchedPlace(script);
    const reader = readStream(options);
    const pending = reader.next();
    pending.catch(() => {});
    await expect.poll(() => server.requests.length).toBe(1);
    if (script === failing) await expect.poll(timers).toEqual([60_000]);
    const end = { state: "stopped" } as const;
    expect(await reader.return(end)).toEqual({ done: true, value: end });
    await expect(pending).rejects.toMatchObject({ name: "AbortError" });
    await expectNothingLeft();
    expect(await reader.next()).toEqual({ done: true, value: undefined });
  });

  test("by never reading it", async () => {
    const { server, options, expectNothingLeft } = await watchedPlace(silent);
    readStream(options);
    await readStream(options).return({ state: "done" });
    await expectNothingLeft();
    expect(server.requests).toEqual([]);
  });

  test("by throw(), as Node's streams do", async () => {
    const { options, expectNothingLeft } = await watchedPlace(openStream(A));
    const readable = Readable.from(readStream(options));
    const closed = new Promise((resolve) => readable.on("close", resolve));
    readable.on("error", () => {});
    readable.once("data", () => readable.destroy(new Error("mine")));
    await closed;
    await expectNothingLeft();
  });

  test("by its end, and by an error", async () => {
    const { options, expectNothingLeft } = await watchedPlace(
      openStream(A, DONE),
      respond("404 No"),
    );
    await readAll(readStream(options));
    await expectNothingLeft();
    await expect(readAll(readStream(options))).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expectNothingLeft();
  });
});

test("a page in the place of the stream is closed before the pause", async () => {
  const { server, timers, leave, options } = await watchedPlace(
    stream(A),
    (socket) => void socket.write(head("200 OK", "content-type: text/html") + "<p>"),
  );
  const retryDelayMs = (): number => (server.requests.length === 1 ? 0 : 60_000);
  const reading = readAll(readStream({ ...options, retryDelayMs }));
  reading.catch(() => {});
  await expect.poll(timers).toEqual([60_000]);
  expect(server.requests).toHaveLength(2);
  await expect.poll(() => server.sockets.size).toBe(0);
  leave();
  await expect(reading).rejects.toThrow("left");
});
