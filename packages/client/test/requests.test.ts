import { expect, onTestFinished, test, vi } from "vitest";
import { readStream, startStream, stopStream } from "../src/index.ts";
import { cursorsAt, DONE, event, EVENT_STREAM, head, outcomeOf } from "./support/answers.ts";
import { respond, stream } from "./support/answers.ts";
import { rawServer } from "./support/raw-server.ts";
import type { Script } from "./support/raw-server.ts";

vi.setConfig({ testTimeout: 8_000 });

const AT_ONCE = { retryDelayMs: () => 0 };
const A = stream(event(1, "a"));
const REST = stream(event(2, "b"), DONE);
const OK = respond("200 OK", '{"ok":true}');
const silent: Script = () => {};

test("a cursor is asked for, and goes on", async () => {
  const server = await rawServer(stream(event(8, "a")), stream(event(7, "x"), event(9, "b"), DONE));
  const outcome = await outcomeOf(readStream({ url: server.url, after: 7, ...AT_ONCE }));
  expect(outcome).toMatchObject({ text: "ab", seqs: [8, 9], end: "done" });
  expect(cursorsAt(server)).toEqual(["7", "8"]);
});

test.each([-1, 1.5, NaN, Infinity])("%s is no seq, as the server says", async (after) => {
  const server = await rawServer(respond("400 Bad Request", '{"error":"no seq"}'));
  const outcome = await outcomeOf(readStream({ url: server.url, after }));
  expect(outcome).toMatchObject({ error: { code: "REFUSED", status: 400, message: "no seq" } });
  expect(cursorsAt(server)).toEqual([String(after)]);
});

test("headers are made for each request", async () => {
  const server = await rawServer(A, respond("500 Oops"), REST);
  let made = 0;
  const headers = async () => ({ authorization: `token ${++made}`, "last-event-id": "7" });
  const outcome = await outcomeOf(readStream({ url: server.url, headers, ...AT_ONCE }));
  expect(outcome).toMatchObject({ text: "ab", end: "done" });
  expect(server.requests.map((request) => request.headers["authorization"])).toEqual([
    "token 1",
    "token 2",
    "token 3",
  ]);
  expect(cursorsAt(server).slice(1)).toEqual(["1", "1"]);
});

test("headers that cannot be made are tried again", async () => {
  const server = await rawServer(stream(event(1, "a"), DONE));
  let made = 0;
  const headers = (): HeadersInit => {
    if (made++ < 2) throw new Error("no token");
    return {};
  };
  const outcome = await outcomeOf(readStream({ url: server.url, headers, ...AT_ONCE }));
  expect(outcome).toMatchObject({ text: "a", end: "done" });
});

test("a request is sent whole, each time", async () => {
  const server = await rawServer(A, respond("500 Oops"), REST);
  const headers = { "x-mine": "1", "x-theirs": "no" };
  const request = new Request(server.url, { method: "POST", body: "what?", headers });
  const reader = readStream({ request, headers: { "x-theirs": "2" }, ...AT_ONCE });
  expect(await outcomeOf(reader)).toMatchObject({ text: "ab", end: "done" });
  expect(server.requests).toHaveLength(3);
  for (const sent of server.requests) {
    expect(sent).toMatchObject({ method: "POST", body: "what?" });
    expect(sent.headers).toMatchObject({ "x-mine": "1", "x-theirs": "2" });
  }
  expect(cursorsAt(server)).toEqual(["", "1", "1"]);
});

test("a fetch that does not heed its signal is left", async () => {
  const server = await rawServer(silent, stream(event(1, "a"), DONE), silent);
  const deaf: typeof fetch = async (input, init) => fetch(input, { ...init, signal: null });
  const options = { url: server.url, fetch: deaf, ...AT_ONCE };
  const outcome = await outcomeOf(readStream({ ...options, silenceMs: 100 }));
  expect(outcome).toMatchObject({ text: "a", end: "done" });
  const leaving = new AbortController();
  const left = outcomeOf(readStream({ ...options, signal: leaving.signal }));
  await expect.poll(() => server.requests.length).toBe(3);
  leaving.abort("left");
  expect(await left).toMatchObject({ error: "left" });
});

test("the global fetch is looked up for each request", async () => {
  const server = await rawServer(A, REST);
  const reader = readStream({ url: server.url, ...AT_ONCE });
  await reader.next();
  const wrapped = vi.fn(fetch);
  vi.stubGlobal("fetch", wrapped);
  onTestFinished(() => void vi.unstubAllGlobals());
  expect(await outcomeOf(reader)).toMatchObject({ text: "b", end: "done" });
  expect(wrapped).toHaveBeenCalledTimes(1);
});

test("an answer is asked for once, with its body, and read on below", async () => {
  const named = `${EVENT_STREAM}\r\nx-stream-id: a b`;
  const server = await rawServer((socket) => {
    socket.end(head("200 OK", named) + event(1, "a"));
  }, REST);
  const begun = await startStream({
    url: server.url,
    body: { question: "é" },
    headers: { authorization: "x" },
    ...AT_ONCE,
  });
  expect(begun.id).toBe("a b");
  expect(await outcomeOf(begun)).toMatchObject({ text: "ab", seqs: [1, 2], end: "done" });
  const [first, second] = server.requests;
  expect(first).toMatchObject({ method: "POST", path: "/stream", body: '{"question":"é"}' });
  expect(first?.headers).toMatchObject({
    authorization: "x",
    "content-type": "application/json",
  });
  expect(second).toMatchObject({ method: "GET", path: "/stream/resume?id=a%20b", body: "" });
  expect(second?.headers).toMatchObject({ authorization: "x", "last-event-id": "1" });
});

test.each([
  ["fails", respond("500 Oops"), "UNAVAILABLE"],
  ["is busy", respond("503 Busy", "", "retry-after: 0"), "UNAVAILABLE"],
  ["refuses", respond("400 Bad", '{"error":"no"}'), "REFUSED"],
  ["does not answer", silent, "UNAVAILABLE"],
  ["sends a page", respond("200 OK", "<p>", "content-type: text/html"), "PROTOCOL"],
  ["names no stream", stream(event(1, "a"), DONE), "PROTOCOL"],
] as const)("no answer is asked for twice where a server %s", async (_, script, code) => {
  const server = await rawServer(script);
  const phases: string[] = [];
  const begun = startStream({
    url: server.url,
    body: {},
    ...AT_ONCE,
    silenceMs: 100,
    onState: ({ phase }) => void phases.push(phase),
  });
  await expect(begun).rejects.toMatchObject({ name: "StreamClientError", code });
  expect(phases).toEqual(["connecting", "ended"]);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(server.requests).toHaveLength(1);
  await expect.poll(() => server.sockets.size).toBe(0);
});

test("a stop is sent until it works", async () => {
  const reset: Script = (socket) => void socket.resetAndDestroy();
  const server = await rawServer(respond("500 Oops"), reset, respond("429 Slowly"), OK);
  await stopStream({ url: server.url, id: "s", ...AT_ONCE });
  expect(server.requests).toHaveLength(4);
  for (const sent of server.requests) {
    expect(sent).toMatchObject({ method: "POST", path: "/stream/stop", body: '{"id":"s"}' });
  }
});

test.each([
  ["fails for ever", respond("500 Oops"), "UNAVAILABLE", 3],
  ["denies it", respond("403 No"), "DENIED", 1],
  ["knows no such stream", respond("404 No"), "NOT_FOUND", 1],
] as const)("a stop is given up where the server %s", async (_, script, code, requests) => {
  const server = await rawServer(script);
  const stop = stopStream({ url: server.url, id: "s", ...AT_ONCE, maxRetries: 2 });
  await expect(stop).rejects.toMatchObject({ code });
  expect(server.requests).toHaveLength(requests);
});
