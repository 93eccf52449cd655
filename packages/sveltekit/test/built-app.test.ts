import { connect } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { copyFixture } from "./support/fixture-app.ts";
import type { FixtureApp, RunningApp } from "./support/fixture-app.ts";
import { open } from "./support/open.ts";

let app: FixtureApp;
let running: RunningApp;
let url: string;

beforeAll(async () => {
  app = await copyFixture();
  await app.build();
});
afterAll(async () => app[Symbol.asyncDispose]());

async function start(): Promise<void> {
  running = await app.start();
  ({ url } = running);
}
const end = async (): Promise<void> => running[Symbol.asyncDispose]();

const JSON_BODY = { "content-type": "application/json" };
const post = (path: string, body: unknown): Promise<Response> =>
  fetch(url + path, { method: "POST", headers: JSON_BODY, body: JSON.stringify(body) });
const say = (text: string | null): Promise<Response> => post("/say", { text });
const probe = async (): Promise<{ readers: number; intervals: number; aborted: boolean }> =>
  (await (await fetch(`${url}/probe`)).json()) as Awaited<ReturnType<typeof probe>>;
const SOON = { interval: 20, timeout: 10_000 };

describe.each([
  ["the hook", "/s"],
  ["the route", "/api/s"],
])("%s", (_, path) => {
  beforeEach(start);
  afterEach(end);

  test("each chunk is on the wire before the next is there", async () => {
    const reader = await open(`${url}${path}/stream`, "POST", "from the body");
    await reader.until("id: 1\ndata: from the body\n\n");
    for (let i = 2; i <= 5; i++) {
      await say(`token ${i}`);
      await reader.until(`id: ${i}\ndata: token ${i}\n\n`);
    }
    await say(null);
    await reader.until("event: done");
    expect(reader.response.headers["content-type"]).toMatch("text/event-stream");
  });

  test("a client that disconnects leaves the generation running, and can come back", async () => {
    const first = await open(`${url}${path}/stream`, "POST");
    await say("before");
    await first.until("data: before");
    first.disconnect();
    // The producer's own, which has no timer.
    await expect.poll(probe, SOON).toEqual({ readers: 1, intervals: 0, aborted: false });
    await say("meanwhile");
    const second = await open(`${url}${path}/stream?after=1`, "GET");
    await second.until("data: meanwhile");
    expect(second.text()).not.toContain("data: before");
    second.disconnect();
    await expect.poll(probe, SOON).toEqual({ readers: 1, intervals: 0, aborted: false });
    await say("after");
    await say(null);
    const third = await open(`${url}${path}/stream`, "GET");
    await third.until("event: done");
    expect(
      third
        .text()
        .match(/data: \w+/g)
        ?.slice(0, 3),
    ).toEqual(["data: before", "data: meanwhile", "data: after"]);
    await expect.poll(probe, SOON).toEqual({ readers: 0, intervals: 0, aborted: false });
  });

  test("fifty clients that disconnect at once leave no reader and no timer", async () => {
    const first = await open(`${url}${path}/stream`, "POST", "a");
    await first.until("data: a");
    const before = await probe();
    const readers = await Promise.all(
      Array.from({ length: 50 }, () => open(`${url}${path}/stream`, "GET")),
    );
    await Promise.all(readers.map((reader) => reader.until("data: a")));
    expect((await probe()).readers).toBe(before.readers + 50);
    for (const reader of readers) reader.disconnect();
    await expect.poll(probe, SOON).toEqual(before);
    await say(null);
    await first.until("event: done");
  });
});

describe("what surrounds it", () => {
  beforeAll(start);
  afterAll(end);

  test("everything else is the app's", async () => {
    for (const path of ["/", "/sx", "/__streambed__x/stream", "/x/s"]) {
      const response = await fetch(url + path, { headers: { accept: "text/html" } });
      expect(response.status).toBe(path === "/" ? 200 : 404);
      expect(await response.text()).toContain(path === "/" ? "The app's own" : "Not Found");
    }
  });

  test("hooks in front see its answers; cookies that they set come with the route's alone", async () => {
    const hook = await post("/__streambed__/stream", {});
    expect([hook.headers.get("x-seen"), hook.headers.getSetCookie()]).toEqual([
      "/__streambed__/stream",
      [],
    ]);
    const route = await fetch(`${url}/api/s/unknown`);
    expect(route.headers.get("x-seen")).toBe("/api/s/unknown");
    expect(route.headers.getSetCookie()).toHaveLength(1);
  });

  test("errors that a handler throws are SvelteKit's to tell", async () => {
    const response = await fetch(`${url}/failing/a`);
    expect([response.status, await response.json()]).toEqual([
      500,
      expect.objectContaining({ message: "Internal Error" }),
    ]);
    await running.process.waitForLine(/session store down/);
  });
});

describe("errors are the handler's JSON", () => {
  beforeAll(start);
  afterAll(end);

  test.each([
    ["POST", "/__streambed__/stream", "{", 400],
    ["POST", "/__streambed__/stream", '{"prompt":" "}', 400],
    ["GET", "/__streambed__/nothing", undefined, 404],
    ["GET", "/__streambed__/stream/resume?id=unknown", undefined, 404],
    ["GET", "/__streambed__/stream", undefined, 405],
    ["PUT", "/__streambed__/stream", "{}", 405],
    ["POST", "/api/chat", '{"id":"a"}', 400],
    ["GET", "/api/chat/theirs/stream", undefined, 403],
  ])("%s %s %s: %i", async (method, path, body, status) => {
    const response = await fetch(url + path, { method, headers: JSON_BODY, body });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: expect.any(String) });
    if (status === 405) expect(response.headers.get("allow")).toBe("POST, OPTIONS");
  });

  test.each([
    ["over BODY_SIZE_LIMIT", 600 * 1024, "this server"],
    ["over maxBodyBytes", 1100 * 1024, "1048576 bytes"],
  ])("413 %s", async (_, size, message) => {
    const response = await post("/__streambed__/stream", { prompt: "x".repeat(size) });
    expect([response.status, await response.json()]).toEqual([
      413,
      { error: expect.stringContaining(message) },
    ]);
  });

  test("413 for a body of unknown length, on a connection that lives on", async () => {
    await using roomy = await app.start({ BODY_SIZE_LIMIT: "Infinity" });
    const socket = connect(Number(new URL(roomy.url).port), "127.0.0.1").setEncoding("utf8");
    let text = "";
    socket.on("data", (piece: string) => (text += piece));
    const head = "POST /__streambed__/stream HTTP/1.1\r\nhost: a\r\ncontent-type: application/json";
    const piece = "x".repeat(65_536);
    socket.write(`${head}\r\ntransfer-encoding: chunked\r\n\r\n`);
    for (let i = 0; i < 40; i++) socket.write(`${piece.length.toString(16)}\r\n${piece}\r\n`);
    await expect.poll(() => text, SOON).toContain("must not exceed 1048576 bytes");
    socket.write("0\r\n\r\nGET /probe HTTP/1.1\r\nhost: a\r\n\r\n");
    await expect.poll(() => text, SOON).toContain('{"readers":0');
    expect(text).toMatch(/^HTTP\/1.1 413 /);
    socket.destroy();
  });
});

describe("the handlers of AI SDK models", () => {
  beforeEach(start);
  afterEach(end);

  test("stop from another connection aborts the model, and the answer ends as stopped", async () => {
    const reader = await open(`${url}/__streambed__/stream`, "POST", '{"prompt":"Go on"}');
    await reader.until("id: 3\n");
    const id = String(reader.response.headers["x-stream-id"]);
    expect(await (await post("/__streambed__/stream/stop", { id })).json()).toEqual({ ok: true });
    await reader.until("event: stopped\n");
    await running.process.waitForLine(/^answer 1: model aborted/);
    const again = await open(`${url}/__streambed__/stream/resume?id=${id}&after=1`, "GET");
    await again.until("event: stopped\n");
    expect(again.text()).not.toContain("id: 1\n");
    const head = await fetch(`${url}/__streambed__/stream/resume?id=${id}`, { method: "HEAD" });
    expect([head.status, head.headers.get("content-type")]).toEqual([
      200,
      "text/event-stream; charset=utf-8",
    ]);
  });

  test("a chat is answered, resumed from its beginning, and stopped", async () => {
    const message = { id: "m", role: "user", parts: [{ type: "text", text: "Why?" }] };
    const body = JSON.stringify({ id: "chat", messages: [message] });
    const first = await open(`${url}/api/chat`, "POST", body);
    await first.until('"text-delta"');
    const second = await open(`${url}/api/chat/chat/stream`, "GET");
    await second.until('"text-delta"');
    expect(second.text()).toContain('"type":"start"');
    expect((await post("/api/chat", { id: "chat", messages: [message] })).status).toBe(409);
    await post("/api/chat/chat/stop", {});
    await Promise.all([first.until('"type":"abort"'), second.until('"type":"abort"')]);
    await running.process.waitForLine(/^answer 1: model aborted/);
  });

  test("OPTIONS says what is allowed", async () => {
    for (const path of ["/__streambed__/stream", "/api/chat"]) {
      const response = await fetch(url + path, { method: "OPTIONS" });
      expect([response.status, response.headers.get("allow")]).toEqual([204, "POST, OPTIONS"]);
    }
  });
});
