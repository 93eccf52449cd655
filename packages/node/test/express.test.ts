import { once } from "node:events";
import { Agent } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import express from "express";
import type { ErrorRequestHandler } from "express";
import { describe, expect, onTestFinished, test } from "vitest";
import { streambed } from "../src/index.ts";
import { startAnswers } from "./support/answers.ts";
import { ask, fetchText, json, send } from "./support/exchange.ts";
import { startExpress } from "./support/frameworks.ts";
import { handlerOf, openBody } from "./support/scripted-handler.ts";
import { expectSilence } from "./support/silence.ts";

expectSilence();

const echo = handlerOf(async (request) => {
  const { url, headers } = request;
  return Response.json([url, headers.get("content-length"), await request.text()]);
});

describe("where it is mounted", () => {
  test.each([
    ["app.use", "/s/a?b", (app: express.Express) => app.use(streambed(echo))],
    ["app.use with its path", "/s/a?b", (app: express.Express) => app.use("/s", streambed(echo))],
    ["app.all", "/s/a?b", (app: express.Express) => app.all("/s/*rest", streambed(echo))],
    [
      "a router in a router",
      "/s/x/y/z",
      (app: express.Express) =>
        app.use("/s", express.Router().use("/x", express.Router().use(streambed(echo)))),
    ],
  ])("%s: the prefix is the whole path", async (_, path, mount) => {
    const server = await startExpress(mount);
    const { text } = await fetchText(server, path);
    expect(JSON.parse(text)).toEqual([server.origin + path, null, ""]);
    expect(await fetchText(server, `/x${path}`)).toMatchObject({ status: 404 });
  });

  test("the protocol is the one that Express believes in", async () => {
    const headers = { "x-forwarded-proto": "https", host: "app.test" };
    for (const [trust, origin] of [
      [true, "https://app.test"],
      [false, "http://app.test"],
    ] as const) {
      const server = await startExpress((app) =>
        app.set("trust proxy", trust).use(streambed(echo)),
      );
      expect((await fetchText(server, "/s", { headers })).text).toContain(`"${origin}/s"`);
    }
  });
});

describe("a body that a parser in front has read", () => {
  test("starts an answer", async () => {
    const { handler, say } = startAnswers();
    const server = await startExpress((app) => app.use(express.json(), streambed(handler)));
    const answer = await ask(server, "/__streambed__/stream", json({ prompt: "é" }));
    say("token");
    await answer.until("data: token");
  });

  const sent = '{ "prompt": "é" }';
  test.each([
    ["express.json", express.json(), "application/json", '{"prompt":"é"}'],
    [
      "express.json",
      express.json({ type: "*/*" }),
      "application/x+json; charset=utf-8",
      '{"prompt":"é"}',
    ],
    ["express.json, of a type that it leaves alone", express.json(), "text/plain", sent],
    ["express.text", express.text(), "text/plain", sent],
    ["express.raw", express.raw({ type: "*/*" }), "application/json", sent],
    ["express.urlencoded", express.urlencoded(), "application/x-www-form-urlencoded", ""],
    // What a page of another site may send must not become what it may not.
    ["express.json, taking a form for JSON", express.json({ type: "*/*" }), "text/plain", ""],
  ])("%s", async (_, parser, type, expected) => {
    const server = await startExpress((app) => app.use(parser, streambed(echo)));
    for (const encoding of [undefined, "gzip"]) {
      if (encoding && expected === sent && parser.name === "jsonParser") continue;
      const headers = { "content-type": type, ...(encoding && { "content-encoding": encoding }) };
      const body = encoding ? gzipSync(sent) : sent;
      const { text } = await fetchText(server, "/s", { method: "POST", headers, body });
      const [, length, seen] = JSON.parse(text) as unknown[];
      expect([length, seen]).toEqual([
        seen === sent && parser.name === "jsonParser" ? "18" : null,
        expected,
      ]);
    }
  });

  test("as another middleware has left it", async () => {
    const server = await startExpress((app) => {
      app.use(express.json());
      app.use((req, _, next) => {
        req.body = { ...(req.body as object), user: 7 };
        next();
      });
      app.use(streambed(echo));
    });
    const { text } = await fetchText(server, "/s", json({ a: 1 }));
    expect(JSON.parse(text)).toMatchObject({ 2: '{"a":1,"user":7}' });
  });
});

describe("among other middleware", () => {
  test("headers and cookies that are there already stay", async () => {
    const handler = handlerOf(() => {
      const headers = new Headers({ "x-own": "1" });
      headers.append("set-cookie", "own=1");
      headers.append("set-cookie", "two=2");
      return new Response("body", { headers });
    });
    const server = await startExpress((app) => {
      app.use((_, res, next) => {
        res.setHeader("access-control-allow-origin", "*");
        res.cookie("session", "abc");
        next();
      });
      app.use(streambed(handler));
    });
    const { headers } = await fetchText(server, "/s");
    expect(headers).toMatchObject({
      "access-control-allow-origin": "*",
      "x-own": "1",
      "set-cookie": ["session=abc; Path=/", "own=1", "two=2"],
    });
  });

  test("a client who leaves while one of them waits", async () => {
    const { body, cancelled } = openBody();
    let aborted: boolean | undefined;
    const handler = handlerOf(({ signal }) => {
      aborted = signal.aborted;
      return new Response(body);
    });
    let waiting = false;
    const server = await startExpress((app) => {
      app.use(async (_, res, next) => {
        waiting = true;
        await once(res, "close");
        next();
      });
      app.use(streambed(handler));
    });
    const sent = send(server, "/s");
    await expect.poll(() => waiting).toBe(true);
    sent.disconnect();
    await expect.poll(() => [aborted, cancelled()]).toEqual([true, true]);
  });

  test("a timeout that has answered already", async () => {
    const { body, cancelled } = openBody();
    const { promise: answer, resolve } = Promise.withResolvers<Response>();
    const seen: unknown[] = [];
    const server = await startExpress((app) => {
      app.use((_, res, next) => {
        setTimeout(() => res.status(503).send("too slow"), 20);
        next();
      });
      app.use(streambed(handlerOf(() => answer)));
      app.use((error: unknown, _req: unknown, _res: unknown, next: () => void) => {
        seen.push(error);
        next();
      });
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    expect(await fetchText(server, "/s", { agent })).toMatchObject({ status: 503 });
    resolve(new Response(body));
    await expect.poll(cancelled).toBe(true);
    expect([seen, server.sockets.size]).toEqual([[], 1]);
  });
});

describe("errors", () => {
  function startFailing(answer: (request: Request) => Promise<Response> | Response) {
    const seen: unknown[] = [];
    const onError: ErrorRequestHandler = (error: unknown, _, res, next) => {
      seen.push(error);
      if (res.headersSent) next(error);
      else res.status(503).send("sorry");
    };
    const server = startExpress((app) => app.use(streambed(handlerOf(answer))).use(onError));
    return server.then((started) => ({ server: started, seen }));
  }

  test("of the handler reach the app's error handler", async () => {
    const error = new Error("session store down");
    const { server, seen } = await startFailing(() => Promise.reject(error));
    expect(await fetchText(server, "/s")).toMatchObject({ status: 503, text: "sorry" });
    expect(seen).toEqual([error]);
  });

  test("in mid-answer too", async () => {
    const error = new Error("broken");
    const { body, write, fail } = openBody();
    const { server, seen } = await startFailing(() => new Response(body));
    const answer = await ask(server, "/s");
    write("half");
    await answer.until("half");
    fail(error);
    expect(await answer.closed).toBe("cut");
    expect(seen).toEqual([error]);
  });

  test("that the client has gone is none", async () => {
    let waiting = false;
    let told = false;
    const { server, seen } = await startFailing(async ({ signal }) => {
      waiting = true;
      await once(signal, "abort");
      told = true;
      throw signal.reason as Error;
    });
    const sent = send(server, "/s");
    await expect.poll(() => waiting).toBe(true);
    sent.disconnect();
    await expect.poll(() => told).toBe(true);
    await sleep(20);
    expect(seen).toEqual([]);
  });

  test("a response that has been read already is one", async () => {
    const { server, seen } = await startFailing(async () => {
      const response = new Response("read");
      await response.text();
      return response;
    });
    expect(await fetchText(server, "/s")).toMatchObject({ status: 503 });
    expect(seen).toMatchObject([{ name: "TypeError" }]);
  });

  test("nonsense has the status 400", async () => {
    const { server, seen } = await startFailing(() => new Response("body"));
    await fetchText(server, "/s/../s");
    expect(seen).toMatchObject([{ name: "BadRequest", status: 400, statusCode: 400 }]);
  });
});
