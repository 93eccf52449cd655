import type { RequestContext, RequestHandler } from "@streambed/core";
import { describe, expect, test } from "vitest";
import { streambed, streambedRoute } from "./index.ts";

/** Says what it was asked for, and has some work to wait for. */
function echo(prefix: string, work?: Promise<unknown>): RequestHandler {
  const answer = async (request: Request, context: RequestContext = {}): Promise<Response> => {
    if (work !== undefined) context.waitUntil?.(work);
    return Response.json([request.method, new URL(request.url).pathname, await request.text()]);
  };
  return Object.assign(answer, { prefix });
}

type Event = Parameters<ReturnType<typeof streambed>>[0]["event"];

const eventOf = (path: string, more: object = {}, init: RequestInit = {}): Event =>
  ({ request: new Request(`http://a.test${path}`, init), ...more }) as unknown as Event;

const resolve = async (): Promise<Response> => new Response("the app's");

describe("what the handler answers", () => {
  const handle = streambed(echo("/base/s"));

  test.each(["/base/s", "/base/s/", "/base/s/stream?x=1", "/base/s/a/__data.json"])(
    "%s",
    async (path) => {
      const event = eventOf(path, {}, { method: "POST", body: "body" });
      const response = await handle({ event, resolve });
      expect(await response.json()).toEqual(["POST", path.split("?")[0], "body"]);
    },
  );

  test.each(["/", "/s", "/base/sx", "/base/S/a", "/x/base/s"])("and not %s", async (path) => {
    const response = await handle({ event: eventOf(path), resolve });
    expect(await response.text()).toBe("the app's");
  });

  test("by the request's own path, and not by what a client says that `event.url` is", async () => {
    const event = eventOf("/_app/remote/a/b", { url: new URL("http://a.test/base/s/stream") });
    expect(await (await handle({ event, resolve })).text()).toBe("the app's");
  });
});

describe("`waitUntil`", () => {
  const work = Promise.resolve();

  /** As those of Workers, it refuses to be called without its object. */
  function platform(waiting: unknown[]) {
    const context = {
      waitUntil(this: unknown, promise: Promise<unknown>) {
        if (this !== context) throw new TypeError("Illegal invocation");
        waiting.push(promise);
      },
    };
    return context;
  }

  test.each([
    ["Cloudflare", (context: object) => ({ ctx: context, context, env: {} })],
    ["Netlify", (context: object) => ({ context })],
    ["a `ctx` of the application's own", (context: object) => ({ ctx: {}, context })],
  ])("%s", async (_, toPlatform) => {
    const waiting: unknown[] = [];
    const event = eventOf("/s/a", { platform: toPlatform(platform(waiting)) });
    await streambed(echo("/s", work))({ event, resolve });
    await streambedRoute(echo("/s", work))(event);
    expect(waiting).toEqual([work, work]);
  });

  test.each([undefined, null, { req: {} }, { ctx: null, context: "text" }])(
    "none in %j",
    async (none) => {
      const response = await streambedRoute(echo("/s", work))(eventOf("/s", { platform: none }));
      expect(response.status).toBe(200);
    },
  );

  test("one that is given goes before the platform's", async () => {
    const offered: unknown[] = [];
    const given: unknown[] = [];
    const event = eventOf("/s/a", { platform: { ctx: platform(offered) } });
    const context = { waitUntil: (promise: Promise<unknown>) => void given.push(promise) };
    await streambed(echo("/s", work), context)({ event, resolve });
    expect([offered, given]).toEqual([[], [work]]);
  });
});

test("what aborts the request aborts the one that the handler sees", async () => {
  const signals: AbortSignal[] = [];
  const note = async ({ signal }: Request): Promise<Response> => {
    signals.push(signal);
    return new Response();
  };
  const controller = new AbortController();
  const init = { method: "POST", body: "body", signal: controller.signal };
  await streambedRoute(Object.assign(note, { prefix: "/s" }))(eventOf("/s", {}, init));
  controller.abort("gone");
  expect(signals.map(({ aborted, reason }) => [aborted, reason])).toEqual([[true, "gone"]]);
});
