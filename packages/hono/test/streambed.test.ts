import type { RequestContext, RequestHandler } from "@streambed/core";
import { Hono } from "hono";
import { cors } from "hono/cors";
import { describe, expect, test } from "vitest";
import { streambed } from "../src/index.ts";

/** A handler that says what it was asked for. */
function echo(prefix = "/__streambed__"): { handler: RequestHandler; contexts: RequestContext[] } {
  const contexts: RequestContext[] = [];
  const answer = async (request: Request, context: RequestContext = {}): Promise<Response> => {
    contexts.push(context);
    return Response.json([request.method, new URL(request.url).pathname, await request.text()]);
  };
  return { handler: Object.assign(answer, { prefix }), contexts };
}

describe("what the handler answers", () => {
  const app = new Hono();
  app.use(streambed(echo().handler));
  app.all("*", (c) => c.text("the app's"));

  test.each([
    "/__streambed__",
    "/__streambed__/",
    "/__streambed__/stream?x=1",
    "/__streambed__/a/b",
  ])("%s", async (path) => {
    const response = await app.request(path, { method: "POST", body: "body" });
    expect(await response.json()).toEqual(["POST", path.split("?")[0], "body"]);
  });

  test.each([
    "/",
    "/__streambed__x",
    "/__streambed",
    "/api/__streambed__/stream",
    "/__STREAMBED__/a",
  ])("and not %s", async (path) => {
    expect(await (await app.request(path)).text()).toBe("the app's");
  });
});

describe("where it is mounted", () => {
  test.each([
    ["app.use", (app: Hono, of: RequestHandler) => app.use(streambed(of))],
    ["app.use with a path", (app: Hono, of: RequestHandler) => app.use("/api/*", streambed(of))],
    ["app.all", (app: Hono, of: RequestHandler) => app.all("/api/ai/*", streambed(of))],
    [
      "app.route",
      (app: Hono, of: RequestHandler) => app.route("/api", new Hono().use(streambed(of))),
    ],
    ["app.basePath", (app: Hono, of: RequestHandler) => app.basePath("/api").use(streambed(of))],
  ])("%s: the prefix is the whole path", async (_, mount) => {
    const app = new Hono();
    mount(app, echo("/api/ai").handler);
    const response = await app.request("/api/ai/stream");
    expect(await response.json()).toEqual(["GET", "/api/ai/stream", ""]);
    expect((await app.request("/ai/stream")).status).toBe(404);
  });
});

describe("what surrounds it", () => {
  test("`waitUntil` of the platform, where there is one", async () => {
    const { handler, contexts } = echo();
    const app = new Hono().use(streambed(handler));
    const waiting: Promise<unknown>[] = [];
    const platform = {
      waitUntil(this: unknown, work: Promise<unknown>) {
        // Workers refuse it without its object.
        if (this !== platform) throw new TypeError("Illegal invocation");
        waiting.push(work);
      },
      passThroughOnException() {},
      props: {},
    };
    await app.request("/__streambed__/stream", {}, {}, platform);
    const work = Promise.resolve();
    contexts[0]?.waitUntil?.(work);
    expect(waiting).toEqual([work]);
  });

  test("none elsewhere", async () => {
    const { handler, contexts } = echo();
    await new Hono().use(streambed(handler)).request("/__streambed__/stream");
    expect(contexts).toEqual([{}]);
  });

  test("headers of other middleware are kept", async () => {
    const app = new Hono().use(cors({ origin: "https://a.test" })).use(streambed(echo().handler));
    const headers = { origin: "https://a.test" };
    const response = await app.request("/__streambed__/stream", { headers });
    expect(response.headers.get("access-control-allow-origin")).toBe("https://a.test");
    expect(response.headers.get("content-type")).toBe("application/json");
  });

  test("errors go to `app.onError`", async () => {
    const fail = (): Promise<Response> => Promise.reject(new Error("session store down"));
    const app = new Hono().use(streambed(Object.assign(fail, { prefix: "/s" })));
    app.onError((error, c) => c.text(error.message, 500));
    const response = await app.request("/s/stream");
    expect([response.status, await response.text()]).toEqual([500, "session store down"]);
  });
});
