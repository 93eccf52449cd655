import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { ask, fetchText, send } from "./support/exchange.ts";
import type { Asked } from "./support/exchange.ts";
import { FRAMEWORKS } from "./support/frameworks.ts";
import type { TestServer } from "./support/frameworks.ts";
import { handlerOf, openBody } from "./support/scripted-handler.ts";
import { expectSilence } from "./support/silence.ts";

expectSilence();

/** What a handler is told, as JSON. */
async function describeRequest(request: Request): Promise<Response> {
  const { method, url, headers } = request;
  return Response.json({ method, url, headers: [...headers], body: await request.text() });
}

interface Seen {
  method: string;
  url: string;
  headers: [string, string][];
  body: string;
}

async function seenBy(server: TestServer, path: string, asked: Asked): Promise<Seen> {
  return JSON.parse((await fetchText(server, path, asked)).text) as Seen;
}

describe.each(FRAMEWORKS)("$name", ({ start }) => {
  describe("the request", () => {
    test("has the method, the whole URL, the headers and the body", async () => {
      const server = await start(handlerOf(describeRequest));
      const headers = {
        host: "app.test:8080",
        cookie: ["a=1", "b=2"],
        "x-many": ["1", "2"],
        "x-latin": "caf\u00e9",
        "content-type": "text/plain",
      };
      const seen = await seenBy(server, "/s/a%20b?q=%2F&q=/", {
        method: "PUT",
        headers,
        body: "é",
      });
      expect(seen).toMatchObject({
        method: "PUT",
        url: "http://app.test:8080/s/a%20b?q=%2F&q=/",
        body: "é",
      });
      expect(Object.fromEntries(seen.headers)).toMatchObject({
        cookie: "a=1; b=2",
        "x-many": "1, 2",
        "content-type": "text/plain",
      });
      expect(seen.headers.filter(([key]) => key.startsWith(":"))).toEqual([]);
    });

    test.each(["GET", "DELETE", "OPTIONS", "PATCH", "POST"])(
      "%s without a body",
      async (method) => {
        const server = await start(handlerOf(describeRequest));
        expect(await seenBy(server, "/s", { method })).toMatchObject({ method, body: "" });
      },
    );

    test("has a body that is read as it comes", async () => {
      const pieces: string[] = [];
      const handler = handlerOf(async ({ body }) => {
        for await (const piece of body ?? []) pieces.push(new TextDecoder().decode(piece));
        return new Response("read");
      });
      const headers = { "content-type": "application/x-anything" };
      const sent = send(await start(handler), "/s", {
        method: "POST",
        headers,
        body: "a",
        open: true,
      });
      await expect.poll(() => pieces).toEqual(["a"]);
      sent.body.write("b");
      await expect.poll(() => pieces).toEqual(["a", "b"]);
      sent.body.end();
      await (await sent.response).until("read");
    });

    test("has a body that is not read ahead of the handler", async () => {
      const { body, write } = openBody();
      const server = await start(handlerOf(() => new Response(body)));
      const sent = send(server, "/s", { method: "POST", body: "x".repeat(5_000_000), open: true });
      const answer = await sent.response;
      await sleep(200);
      const read = [...server.sockets].map((socket) => socket.bytesRead);
      expect(Math.max(...read)).toBeLessThan(1_000_000);
      write("done with it");
      await answer.until("done with it");
    });
  });

  describe("is 400, without the handler", () => {
    test.each<[string, string, Asked]>([
      ["a host that is none", "/s", { headers: { host: "not a host" } }],
      ["a host with a path", "/s", { headers: { host: "a.test/s" } }],
      ["a host with a user", "/s", { headers: { host: "user@a.test" } }],
      ["a host with a port that is none", "/s", { headers: { host: "a.test:70000" } }],
      ["a path that is another", "/s/a/../b", {}],
      ["a path that is another, in disguise", "/s/%2e%2E/s/b", {}],
      ["a path with a backslash", "/s/a\\b", {}],
      ["a path with a fragment", "/s/a#b", {}],
      ["TRACE", "/s", { method: "TRACE" }],
    ])("%s", async (_, path, asked) => {
      let calls = 0;
      const server = await start(handlerOf(() => new Response(String(++calls))));
      const answer = await ask(server, path, asked).catch(() => undefined);
      // HTTP/2 itself resets a stream with an `:authority` that cannot be one.
      if (!(server.http2 && asked.headers)) expect(answer?.status).toBe(400);
      expect(calls).toBe(0);
    });
  });

  describe("the response", () => {
    test("has the status, the headers and every cookie", async () => {
      const headers = new Headers({ "x-one": "1", "content-type": "text/x" });
      headers.append("x-many", "1");
      headers.append("x-many", "2");
      headers.append("set-cookie", "a=1; Expires=Wed, 21 Oct 2099 07:28:00 GMT");
      headers.append("set-cookie", "b=2");
      const server = await start(handlerOf(() => new Response("teapot", { status: 418, headers })));
      const answer = await fetchText(server, "/s");
      expect([answer.status, answer.text]).toEqual([418, "teapot"]);
      expect(answer.headers).toMatchObject({
        "x-one": "1",
        "x-many": "1, 2",
        "content-type": "text/x",
        "set-cookie": ["a=1; Expires=Wed, 21 Oct 2099 07:28:00 GMT", "b=2"],
      });
    });

    test.each([204, 304])("%i has no body", async (status) => {
      const server = await start(handlerOf(() => new Response(null, { status })));
      expect(await fetchText(server, "/s")).toMatchObject({ status, text: "" });
    });

    test("sends its headers before its body says anything", async () => {
      const { body, write, cancelled } = openBody();
      const headers = { "content-type": "text/event-stream" };
      const server = await start(handlerOf(() => new Response(body, { headers })));
      const answer = await ask(server, "/s");
      expect([answer.status, answer.headers["content-type"]]).toEqual([200, "text/event-stream"]);
      expect(answer.text()).toBe("");
      write("now");
      await answer.until("now");
      answer.disconnect();
      await expect.poll(cancelled).toBe(true);
    });

    test("to HEAD ends at once, and its body is cancelled", async () => {
      const { body, cancelled } = openBody();
      const server = await start(handlerOf(() => new Response(body, { headers: { "x-a": "1" } })));
      const answer = await fetchText(server, "/s", { method: "HEAD" });
      expect(answer).toMatchObject({ status: 200, text: "", headers: { "x-a": "1" } });
      await expect.poll(cancelled).toBe(true);
    });

    test("may have headers of HTTP/1.1 connections", async () => {
      const headers = { connection: "keep-alive", "keep-alive": "timeout=5", "x-a": "1" };
      const server = await start(handlerOf(() => new Response("body", { headers })));
      const answer = await fetchText(server, "/s");
      expect(answer).toMatchObject({ status: 200, text: "body", headers: { "x-a": "1" } });
      expect("keep-alive" in answer.headers).toBe(!server.http2);
    });

    test("that fails on its way is cut off, not ended", async () => {
      const { body, write, fail } = openBody();
      const server = await start(handlerOf(() => new Response(body)));
      const answer = await ask(server, "/s");
      write("half");
      await answer.until("half");
      fail(new Error("broken"));
      expect(await answer.closed).toBe("cut");
      expect(answer.text()).toBe("half");
    });

    test("whose body is made of anything but bytes too", async () => {
      const body = new ReadableStream({
        start: (controller) => controller.enqueue({ no: "bytes" }),
      });
      const server = await start(handlerOf(() => new Response(body)));
      // Node 22 resets the stream before it has sent the headers.
      const end = ask(server, "/s")
        .then(({ closed }) => closed)
        .catch(() => "cut");
      expect(await end).toBe("cut");
    });
  });
});
