import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { DurableStream, readStream, stopStream } from "../src/index.ts";
import { answerServer } from "./support/answer-server.ts";
import type { AnswerServer } from "./support/answer-server.ts";
import { openPage } from "./support/page.ts";
import { rawServer } from "./support/raw-server.ts";
import { DONE, event, respond, stream } from "./support/answers.ts";
import { Storage } from "./transport/chat-page.ts";

let server: AnswerServer;
/** What the model says next, until it is told to go on. */
let go: () => void;

beforeEach(async () => {
  server = await answerServer({
    async *answer(body, signal) {
      yield `${(body as { prompt: string }).prompt}: `;
      await new Promise<void>((resolve, reject) => {
        go = resolve;
        signal.addEventListener("abort", () => reject(signal.reason as Error));
      });
      yield "end";
    },
  });
});
afterEach(() => server[Symbol.asyncDispose]());

const open = (
  options: Partial<ConstructorParameters<typeof DurableStream>[0]> = {},
): DurableStream => new DurableStream({ url: server.url, retryDelayMs: () => 0, ...options });
const growsTo = (answer: DurableStream, text: string): Promise<void> =>
  expect.poll(() => answer.snapshot.text).toBe(text);

test("shows an answer as it grows, to its end", async () => {
  const answer = open();
  const seen: string[] = [];
  const unsubscribe = answer.subscribe(() => void seen.push(answer.snapshot.state.phase));
  const reading = answer.start({ prompt: "one" });
  await growsTo(answer, "one: ");
  go();
  await reading;
  expect(answer.snapshot).toMatchObject({ text: "one: end", seq: 2, events: [] });
  expect(answer.snapshot.state).toEqual({ phase: "ended", end: "done" });
  expect([...new Set(seen)]).toEqual(["idle", "connecting", "streaming", "ended"]);
  unsubscribe();
});

test("a stop that comes before the answer has a name waits for it", async () => {
  const arrived = Promise.withResolvers<void>();
  const answer = open({
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      if (String(input) === server.url) await arrived.promise;
      return response;
    },
  });
  const reading = answer.start({ prompt: "one" });
  await expect.poll(() => server.requests.length).toBe(1);
  const stopped = answer.stop();
  arrived.resolve();
  await Promise.all([stopped, reading]);
  expect(answer.snapshot.state).toEqual({ phase: "ended", end: "stopped" });
});

test("left, and taken up again where it was", async () => {
  const answer = open();
  void answer.start({ prompt: "one" });
  await growsTo(answer, "one: ");
  answer.leave();
  expect(answer.snapshot.state).toEqual({ phase: "idle" });
  const reading = answer.resume();
  go();
  await reading;
  expect(answer.snapshot.text).toBe("one: end");
  await answer.resume();
  expect(server.requests).toHaveLength(2);
});

test("what was refused, or could not be reached, can be tried again", async () => {
  let token = "old";
  const answer = open({
    maxRetries: 0,
    fetch: async (input, init) =>
      token === "old" && init?.method === undefined
        ? new Response("", { status: 401 })
        : fetch(input, init),
  });
  void answer.start({ prompt: "one" });
  await growsTo(answer, "one: ");
  answer.leave();
  await answer.resume();
  expect(answer.snapshot.state).toMatchObject({ phase: "ended", end: "error" });
  token = "new";
  const reading = answer.resume();
  go();
  await reading;
  expect(answer.snapshot.text).toBe("one: end");
});

test("no event of one answer gets into the next", async () => {
  for (let turns = 0; turns < 40; turns++) {
    const answer = open();
    void answer.start({ prompt: "old" });
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
    const reading = answer.start({ prompt: "new" });
    await expect.poll(() => answer.snapshot.text, { interval: 1 }).toBe("new: ");
    go();
    await reading;
    expect([turns, answer.snapshot.text]).toEqual([turns, "new: end"]);
  }
});

test("remembers what it reads, each route and chat for itself, and not with each event", async () => {
  const storage = new Storage();
  const writes = vi.spyOn(storage, "setItem");
  const answer = open({ storage: () => storage });
  const reading = answer.start({ prompt: "one" });
  await growsTo(answer, "one: ");
  expect([...storage.items]).toEqual([[`streambed:${server.url} default`, answer.snapshot.id]]);
  const others = [open({ storage, chat: "b" }), open({ storage, url: `${server.url}2` })];
  await Promise.all(others.map((other) => other.resume()));
  expect(others.map(({ snapshot }) => snapshot.id)).toEqual([undefined, undefined]);

  const reloaded = open({ storage });
  const again = reloaded.resume();
  await growsTo(reloaded, "one: ");
  go();
  await Promise.all([reading, again]);
  expect(reloaded.snapshot.text).toBe("one: end");
  expect(storage.items.size).toBe(0);
  expect(writes.mock.calls.length).toBeLessThan(12);
});

test("signals that cannot throw by themselves, as React Native's, are heeded", async () => {
  vi.stubGlobal(
    "AbortController",
    class extends AbortController {
      constructor() {
        super();
        Object.defineProperty(this.signal, "throwIfAborted", { value: undefined });
      }
    },
  );
  onTestFinished(() => void vi.unstubAllGlobals());
  const raw = await rawServer(stream(event(1, "a")), stream(event(2, "b"), DONE));
  const options = { url: raw.url, retryDelayMs: () => 0, maxRetries: 2 };
  let text = "";
  for await (const { data } of readStream(options)) text += data;
  expect(text).toBe("ab");
});

test("headers that never come are left, and given up", async () => {
  const headers = (): Promise<HeadersInit> => new Promise(() => {});
  const answer = open({ headers, silenceMs: 50 });
  await answer.start({ prompt: "one" });
  expect(answer.snapshot.state).toMatchObject({ end: "error", error: { code: "UNAVAILABLE" } });
});

test("a stop is sent once, also where readers make room for it and the page is left", async () => {
  const page = openPage();
  const slow = await rawServer((socket) => {
    setTimeout(() => void socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"), 1_400);
  });
  const stopped = stopStream({ url: slow.url, id: "a" });
  await expect.poll(() => slow.requests.length).toBe(1);
  page.dispatch("pagehide");
  await stopped;
  expect(slow.requests).toHaveLength(1);
});

test("a stop waits as long as the server asks for", async () => {
  const later = respond("503 Service Unavailable", "", "retry-after: 1");
  const busy = await rawServer(later, respond("200 OK", "{}"));
  const start = performance.now();
  await stopStream({ url: busy.url, id: "a", retryDelayMs: () => 0 });
  expect(performance.now() - start).toBeGreaterThan(950);
});
