import { Agent } from "node:http";
import { describe, expect, onTestFinished, test } from "vitest";
import { idOf, startAnswers } from "./support/answers.ts";
import { ask, fetchText, json } from "./support/exchange.ts";
import { FRAMEWORKS } from "./support/frameworks.ts";
import { expectSilence } from "./support/silence.ts";

const STREAM = "/__streambed__/stream";
expectSilence();

describe.each(FRAMEWORKS)("$name", ({ name, start }) => {
  test("each token is on the wire before the next is there", async () => {
    const { handler, say } = startAnswers();
    const answer = await ask(await start(handler), STREAM, json({ prompt: "?" }));
    expect(answer.status).toBe(200);
    expect(answer.headers["content-type"]).toBe("text/event-stream; charset=utf-8");
    expect(answer.headers["x-accel-buffering"]).toBe("no");
    await answer.until("event: stream-id");
    for (let i = 1; i <= 5; i++) {
      say(`token ${i}`);
      await answer.until(`id: ${i}\ndata: token ${i}\n\n`);
    }
    say(null);
    await answer.until("event: done");
    expect(await answer.closed).toBe("end");
  });

  test("an answer can be read on from any position, and stopped", async () => {
    const { handler, say, aborted } = startAnswers();
    const server = await start(handler);
    const answer = await ask(server, STREAM, json({ prompt: "?" }));
    say("one");
    say("two");
    await answer.until("data: two");
    const id = idOf(answer.text());

    const second = await ask(server, `${STREAM}/resume?id=${id}&after=1`);
    await second.until("id: 2\ndata: two");
    expect(second.text()).not.toContain("data: one");
    const headers = { "last-event-id": "2" };
    const third = await ask(server, `${STREAM}/resume?id=${id}&after=0`, { headers });

    expect(await fetchText(server, `${STREAM}/stop`, json({ id }))).toMatchObject({ status: 200 });
    for (const reader of [answer, second, third]) {
      await reader.until("event: stopped");
      expect(await reader.closed).toBe("end");
    }
    expect(third.text()).not.toContain("data: two");
    await expect.poll(aborted).toBe(true);
  });

  test("HEAD has no body, and does not wait for its end", async () => {
    const { handler, say, store } = startAnswers();
    const server = await start(handler);
    const answer = await ask(server, STREAM, json({ prompt: "?" }));
    say("one");
    await answer.until("data: one");
    const path = `${STREAM}/resume?id=${idOf(answer.text())}`;
    const { status, headers, text } = await fetchText(server, path, { method: "HEAD" });
    expect([status, text]).toEqual([200, ""]);
    expect(headers["content-type"]).toContain("text/event-stream");
    // The producer's, and the first reader's.
    expect(store.readers).toBe(2);
  });

  test.each([
    ["GET", STREAM, undefined, 405],
    ["GET", "/__streambed__", undefined, 404],
    ["GET", "/__streambed__/", undefined, 404],
    ["DELETE", "/__streambed__/nothing", undefined, 404],
    ["GET", `${STREAM}/resume?id=unknown`, undefined, 404],
    ["POST", STREAM, "no JSON", 400],
    ["POST", STREAM, undefined, 400],
  ])("the handler's refusals: %s %s %s is %i", async (method, path, body, status) => {
    const server = await start(startAnswers().handler);
    const answer = await fetchText(server, path, { method, ...(body && { body }) });
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([status, {}]);
    expect(answer.text).toMatch(/^\{"error":/);
  });

  test.each(["/other", "/__streambed__x", "/x/__streambed__/stream", "/__STREAMBED__/stream"])(
    "%s is not the handler's",
    async (path) => {
      let calls = 0;
      const count = (): Promise<Response> => Promise.resolve(new Response(String(++calls)));
      const server = await start(Object.assign(count, { prefix: "/__streambed__" }));
      const { status, text } = await fetchText(server, path);
      expect(status).toBe(path === "/other" && !name.startsWith("node:") ? 200 : 404);
      if (status === 200) expect(text).toBe("the app's");
      expect(calls).toBe(0);
    },
  );

  test("a body that is too long is refused, and does not cost the connection", async () => {
    const server = await start(startAnswers().handler);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    // In chunks, so that its length is known only once it has been read.
    const headers = { "transfer-encoding": "chunked" };
    const body = "x".repeat(3_000_000);
    for (let i = 0; i < 3; i++) {
      const asked = { method: "POST", body, agent, ...(!server.http2 && { headers }) };
      const { status, text } = await fetchText(server, STREAM, asked);
      expect([status, text]).toEqual([413, '{"error":"the body must not exceed 100000 bytes"}']);
      if (!server.http2) expect(server.sockets.size).toBe(1);
    }
  });

  test("a body that nobody reads does not cost the connection", async () => {
    const server = await start(startAnswers().handler);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const body = "x".repeat(3_000_000);
    for (let i = 0; i < 3; i++) {
      const asked = { method: "POST", body, agent, headers: { "content-type": "text/x" } };
      const { status } = await fetchText(server, "/__streambed__/nothing", asked);
      expect(status).toBe(404);
      if (!server.http2) expect(server.sockets.size).toBe(1);
    }
  });

  test("requests leave nothing on a connection that is kept alive", async () => {
    const server = await start(startAnswers().handler);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const listeners = async (): Promise<number> => {
      await fetchText(server, `${STREAM}/resume?id=unknown`, { agent });
      const [socket] = server.sockets;
      const names = socket?.eventNames() ?? [];
      return names.reduce((sum, event) => sum + (socket?.listenerCount(event) ?? 0), 0);
    };
    await listeners();
    const before = await listeners();
    for (let i = 0; i < 20; i++) await listeners();
    expect(await listeners()).toBe(before);
  });
});
