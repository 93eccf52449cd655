import { once } from "node:events";
import type { EventEmitter } from "node:events";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import fastify from "fastify";
import type { FastifyInstance } from "fastify";
import { describe, expect, onTestFinished, test } from "vitest";
import { streambedPlugin } from "../src/index.ts";
import { startAnswers } from "./support/answers.ts";
import { ask, fetchText, json, send } from "./support/exchange.ts";
import { listen } from "./support/frameworks.ts";
import type { TestServer } from "./support/frameworks.ts";
import { handlerOf, openBody } from "./support/scripted-handler.ts";
import { expectSilence } from "./support/silence.ts";

expectSilence();

const echo = handlerOf(async (request) =>
  Response.json([request.url, request.headers.get("content-length"), await request.text()]),
);

async function startFastify(
  build: (app: FastifyInstance) => unknown,
  options = {},
): Promise<TestServer> {
  const app = fastify(options);
  await build(app);
  await app.ready();
  return listen(app.server);
}

describe("where it is registered", () => {
  test.each(["/api", "/api/v1", "/:tenant"])("below %s, without that path", async (prefix) => {
    const server = await startFastify((app) => app.register(streambedPlugin(echo), { prefix }));
    const at = prefix.replace(":tenant", "a%20b");
    for (const path of ["/s", "/s/a/b?c=/d"]) {
      const { text } = await fetchText(server, at + path);
      expect(JSON.parse(text)).toMatchObject([server.origin + path, null, ""]);
    }
    expect(await fetchText(server, `${at}/sx`)).toMatchObject({ status: 404 });
    expect(await fetchText(server, `${at}${at}/s`)).toMatchObject({ status: 404 });
    expect(await fetchText(server, "/s")).toMatchObject({ status: 404 });
  });

  test("below a prefix with a colon, which is no parameter", async () => {
    const handler = Object.assign(echo.bind(undefined), { prefix: "/v1:beta" });
    const server = await startFastify((app) => app.register(streambedPlugin(handler)));
    expect(await fetchText(server, "/v1:beta/a")).toMatchObject({ status: 200 });
    expect(await fetchText(server, "/v1xbeta/a")).toMatchObject({ status: 404 });
  });

  test("several of them", async () => {
    const other = Object.assign(handlerOf(() => new Response("other")).bind(undefined), {
      prefix: "/o",
    });
    const server = await startFastify(async (app) => {
      await app.register(streambedPlugin(echo));
      await app.register(streambedPlugin(other));
    });
    expect(await fetchText(server, "/s")).toMatchObject({ status: 200 });
    expect(await fetchText(server, "/o/a")).toMatchObject({ text: "other" });
  });

  test("the protocol and the host are those that Fastify believes in", async () => {
    const headers = {
      "x-forwarded-proto": "https",
      "x-forwarded-host": "app.test",
      host: "inner:80",
    };
    for (const [trustProxy, origin] of [
      [true, "https://app.test"],
      [false, "http://inner"],
    ] as const) {
      const server = await startFastify((app) => app.register(streambedPlugin(echo)), {
        trustProxy,
      });
      expect((await fetchText(server, "/s", { headers })).text).toContain(`"${origin}/s"`);
    }
  });
});

describe("bodies", () => {
  test("are the handler's, of whatever type and length, and the app's parsers stay", async () => {
    const server = await startFastify(
      async (app) => {
        app.addContentTypeParser("text/x", { parseAs: "string" }, (_, body, done) =>
          done(null, `x${String(body)}`),
        );
        await app.register(streambedPlugin(echo));
        app.post("/other", (request) => ({ got: request.body }));
      },
      { bodyLimit: 10 },
    );
    const types = ["application/json", "text/x", "application/x-www-form-urlencoded", "image/png"];
    const body = '{ "not": "parsed" }';
    for (const type of types) {
      const headers = { "content-type": type };
      const { text } = await fetchText(server, "/s", { method: "POST", headers, body });
      expect(JSON.parse(text)).toEqual([`${server.origin}/s`, String(body.length), body]);
    }
    expect(await fetchText(server, "/other", json([1]))).toMatchObject({ text: '{"got":[1]}' });
    const typed = { method: "POST", headers: { "content-type": "text/x" }, body: "b" };
    expect(await fetchText(server, "/other", typed)).toMatchObject({ text: '{"got":"xb"}' });
  });

  test("that a hook has replaced are replaced", async () => {
    const server = await startFastify(async (app) => {
      app.addHook("preParsing", (_request, _reply, payload, done) => {
        payload.resume();
        done(null, Readable.from([Buffer.from("another")]));
      });
      await app.register(streambedPlugin(echo));
    });
    const { text } = await fetchText(server, "/s", json({ prompt: "?" }));
    expect(JSON.parse(text)).toMatchObject({ 1: null, 2: "another" });
  });
});

describe("hooks", () => {
  test("run: one refuses, one sets headers, one sees the end", async () => {
    const done: number[] = [];
    const server = await startFastify(async (app) => {
      app.addHook("onRequest", async (request, reply) => {
        reply.header("access-control-allow-origin", "*").header("set-cookie", "session=abc");
        if (request.headers.authorization === undefined)
          return reply.code(401).send("who are you?");
      });
      app.addHook("onSend", async (_request, reply) => {
        await sleep(5);
        reply.header("x-sent", `with ${String(reply.getHeader("x-own"))}`);
      });
      app.addHook("onResponse", async (_request, reply) => void done.push(reply.statusCode));
      await app.register(
        streambedPlugin(
          handlerOf(
            () => new Response("body", { headers: { "x-own": "1", "set-cookie": "own=1" } }),
          ),
        ),
      );
    });
    const refused = await fetchText(server, "/s");
    expect(refused).toMatchObject({ status: 401, text: "who are you?" });
    const headers = { authorization: "me" };
    expect(await fetchText(server, "/s", { headers })).toMatchObject({
      status: 200,
      text: "body",
      headers: {
        "access-control-allow-origin": "*",
        "x-sent": "with 1",
        "set-cookie": ["session=abc", "own=1"],
      },
    });
    await expect.poll(() => done).toEqual([401, 200]);
  });

  test.each([
    ["preHandler", false],
    ["preHandler", true],
    ["onSend", false],
    ["onSend", true],
  ] as const)("a client who leaves while %s waits, over HTTP/2: %s", async (hook, http2) => {
    const { body, cancelled } = openBody();
    let waiting = false;
    const wait = async (_request: unknown, reply: { raw: EventEmitter }): Promise<void> => {
      waiting = true;
      await once(reply.raw, "close");
    };
    const server = await startFastify(
      async (app) => {
        if (hook === "preHandler") app.addHook(hook, wait);
        else app.addHook(hook, wait);
        await app.register(streambedPlugin(handlerOf(() => new Response(body))));
      },
      { http2 },
    );
    const sent = send(server, "/s");
    await expect.poll(() => waiting).toBe(true);
    sent.disconnect();
    await expect.poll(cancelled).toBe(true);
  });
});

describe("errors", () => {
  test("of the handler reach the app's error handler", async () => {
    const error = new Error("session store down");
    const seen: unknown[] = [];
    const server = await startFastify(async (app) => {
      app.setErrorHandler((reason, _request, reply) => {
        seen.push(reason);
        return reply.code(503).send("sorry");
      });
      await app.register(streambedPlugin(handlerOf(() => Promise.reject(error))));
    });
    expect(await fetchText(server, "/s")).toMatchObject({ status: 503, text: "sorry" });
    expect(seen).toEqual([error]);
  });

  test("are 500 without one, and nonsense is 400", async () => {
    const fail = handlerOf(() => Promise.reject(new Error("down")));
    const server = await startFastify((app) => app.register(streambedPlugin(fail)));
    expect(await fetchText(server, "/s")).toMatchObject({ status: 500 });
    expect(await fetchText(server, "/s/../s")).toMatchObject({ status: 400 });
  });
});

test("app.close() waits for the answers", async () => {
  const { handler, say } = startAnswers();
  const app = fastify();
  await app.register(streambedPlugin(handler));
  const origin = await app.listen({ port: 0, host: "127.0.0.1" });
  onTestFinished(() => app.server.closeAllConnections());
  const server: TestServer = { origin, http2: false, server: app.server, sockets: new Set() };
  const answer = await ask(server, "/__streambed__/stream", json({ prompt: "?" }));
  let closed = false;
  const closing = app.close().then(() => (closed = true));
  await sleep(50);
  expect(closed).toBe(false);
  say("token");
  say(null);
  await answer.until("event: done");
  await closing;
});
