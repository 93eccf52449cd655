import type { RequestHandler } from "@streambed/core";
import { Hono } from "hono";
import { RegExpRouter } from "hono/router/reg-exp-router";
import { TrieRouter } from "hono/router/trie-router";
import { describe, expect, test } from "vitest";
import { streambedApp } from "../src/index.ts";

/** Says what it was asked for. */
function echo(prefix = "/__streambed__"): RequestHandler {
  const answer = async (request: Request): Promise<Response> => {
    const { pathname, search } = new URL(request.url);
    const { method, headers } = request;
    return Response.json([method, pathname + search, headers.get("x-a"), await request.text()]);
  };
  return Object.assign(answer, { prefix });
}

const ASKED = { method: "POST", headers: { "x-a": "1" }, body: "body" };

test("served as it is, it answers what is below the prefix", async () => {
  const app = streambedApp(echo());
  for (const path of ["/__streambed__", "/__streambed__/a/b?q=%2F"]) {
    expect(await (await app.request(path, ASKED)).json()).toEqual(["POST", path, "1", "body"]);
  }
  for (const path of ["/", "/__streambed__x", "/a/__streambed__/b", "/__STREAMBED__/a"]) {
    expect((await app.request(path)).status).toBe(404);
  }
});

describe.each([
  ["RegExpRouter", RegExpRouter],
  ["TrieRouter", TrieRouter],
])("mounted, with the %s", (_, Router) => {
  test.each([
    ["/", ""],
    ["/api", "/api"],
    ["/api/", "/api"],
    ["/:tenant/v1", "/caf%C3%A9%2Fx/v1"],
    ["/a/:b{[0-9]+}", "/a/12"],
  ])("at %s, below that path", async (at, path) => {
    const app = new Hono({ router: new Router() });
    app.route(at, streambedApp(echo()));
    app.all("*", (c) => c.text("the app's"));
    for (const below of ["/__streambed__", "/__streambed__/%C3%A9/b?q=/c"]) {
      const response = await app.request(path + below, ASKED);
      expect(await response.json()).toEqual(["POST", below, "1", "body"]);
    }
    for (const other of [`${path}/other`, `${path}/__streambed__x`, `/x/y/z/__streambed__`]) {
      expect(await (await app.request(other)).text()).toBe("the app's");
    }
  });

  test("in an app in an app with a base path", async () => {
    const inner = new Hono({ router: new Router() }).route("/u", streambedApp(echo("/s")));
    const app = new Hono({ router: new Router() }).basePath("/base").route("/v1", inner);
    const response = await app.request("/base/v1/u/s/a", ASKED);
    expect(await response.json()).toEqual(["POST", "/s/a", "1", "body"]);
    expect((await app.request("/v1/u/s/a")).status).toBe(404);
  });
});

test("what aborts the request aborts the one that the handler sees", async () => {
  const signals: AbortSignal[] = [];
  const answer = async ({ signal }: Request): Promise<Response> => {
    signals.push(signal);
    return new Response("ok");
  };
  const app = new Hono().route("/api", streambedApp(Object.assign(answer, { prefix: "/s" })));
  const controller = new AbortController();
  await app.request("/api/s", { signal: controller.signal });
  controller.abort("gone");
  expect(signals.map(({ aborted, reason }) => [aborted, reason])).toEqual([[true, "gone"]]);
});

test("middleware of the app in front, and its `onError`", async () => {
  const fail = (): Promise<Response> => Promise.reject(new Error("session store down"));
  const app = new Hono();
  app.use("/api/*", async (c, next) => {
    await next();
    c.header("x-seen", "1");
  });
  app.route("/api", streambedApp(echo("/s")));
  app.route("/api", streambedApp(Object.assign(fail, { prefix: "/f" })));
  app.onError((error, c) => c.text(error.message, 500));
  expect((await app.request("/api/s")).headers.get("x-seen")).toBe("1");
  const failed = await app.request("/api/f");
  expect([failed.status, await failed.text()]).toEqual([500, "session store down"]);
});

test("`waitUntil` of the platform, where there is one", async () => {
  const waiting: Promise<unknown>[] = [];
  const work = Promise.resolve();
  const handler: RequestHandler = Object.assign(
    async (_: Request, context = {}): Promise<Response> => {
      (context as { waitUntil?: (work: Promise<unknown>) => void }).waitUntil?.(work);
      return new Response("ok");
    },
    { prefix: "/s" },
  );
  const app = new Hono().route("/api", streambedApp(handler));
  const platform = {
    waitUntil: (promise: Promise<unknown>) => void waiting.push(promise),
    passThroughOnException() {},
    props: {},
  };
  await app.request("/api/s", {}, {}, platform);
  expect(waiting).toEqual([work]);
  expect((await app.request("/api/s")).status).toBe(200);
});
