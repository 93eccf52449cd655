import { StreamError } from "@streambed/core";
import type { StreamErrorCode } from "@streambed/core";
import { MemoryStreamStore } from "@streambed/memory";
import { describe, expect, test } from "vitest";
import { createStreamHandler } from "../src/index.ts";
import type { StreamAction, StreamHandlerOptions } from "../src/index.ts";
import { get, linesOf, post } from "./support/client.ts";
import { finishParts, scriptedModel, textParts } from "./support/scripted-model.ts";

const { model, calls } = scriptedModel("v3", [...textParts("a"), ...finishParts()]);
const store = new MemoryStreamStore();

describe("routes", () => {
  const handler = createStreamHandler({ model, store });
  const ask = (path: string, method = "GET") =>
    handler(new Request(`http://app.test${path}`, { method }));

  test.each([
    "/__streambed__",
    "/__streambed__/",
    "/__streambed__/streams",
    "/__streambed__/stream/",
    "/__streambed__/stream/resume/x",
    "/__streambed__//stream",
    "/__streambed__/constructor",
    "/__streambed__x/stream",
    "/stream",
    "/",
  ])("%s is nowhere", async (path) => {
    const response = await ask(path);
    expect([response.status, await response.json()]).toEqual([404, { error: expect.any(String) }]);
  });

  test.each([
    ["/stream", "GET", "POST, OPTIONS"],
    ["/stream", "HEAD", "POST, OPTIONS"],
    ["/stream", "PUT", "POST, OPTIONS"],
    ["/stream/stop", "DELETE", "POST, OPTIONS"],
    ["/stream/resume", "POST", "GET, HEAD, OPTIONS"],
  ])("%s refuses %s", async (path, method, allow) => {
    const response = await ask(`/__streambed__${path}`, method);
    expect([response.status, response.headers.get("allow")]).toEqual([405, allow]);
  });

  test("OPTIONS says what is allowed", async () => {
    const response = await ask("/__streambed__/stream", "OPTIONS");
    expect([response.status, response.headers.get("allow")]).toEqual([204, "POST, OPTIONS"]);
  });

  test("`prefix`", async () => {
    const nested = createStreamHandler({ model, store, prefix: "/api/ai" });
    expect(nested.prefix).toBe("/api/ai");
    expect((await post(nested, "/stream", { prompt: "hi" })).status).toBe(200);
    expect(handler.prefix).toBe("/__streambed__");
  });
});

describe("`authorize`", () => {
  const refuseByThrowing = (): never => {
    // oxlint-disable-next-line typescript/only-throw-error -- as some frameworks do
    throw new Response("who?", { status: 401 });
  };
  const seen: StreamAction[] = [];
  const withHook = (authorize: StreamHandlerOptions["authorize"]) =>
    createStreamHandler({ models: { m: model }, store, authorize });

  test("sees every request with what it wants to do, and the id before there is a stream", async () => {
    const handler = withHook(async (request, action) => {
      expect(request.url).toContain("/__streambed__/stream");
      if (action.type === "start") expect(await store.getStatus(action.id)).toBe(null);
      seen.push(action);
      return true;
    });
    const body = { prompt: "hi", system: "s", sessionId: "c" };
    const response = await post(handler, "/stream", body);
    const id = response.headers.get("x-stream-id");
    await get(handler, `/stream/resume?id=${id}`);
    await post(handler, "/stream/stop", { id });
    expect(seen).toEqual([
      { type: "start", id, model: "m", ...body },
      { type: "resume", id },
      { type: "stop", id },
    ]);
  });

  test.each([
    ["returns false", () => false, 403],
    ["returns nothing", () => undefined, 403],
    ["returns something truthy", () => "yes", 403],
    ["returns a response", () => new Response("who?", { status: 401 }), 401],
    ["throws a response", refuseByThrowing, 401],
  ])("that %s refuses", async (_, verdict, status) => {
    const handler = withHook(verdict as () => boolean);
    const open = createStreamHandler({ model, store });
    const id = (await post(open, "/stream", { prompt: "hi" })).headers.get("x-stream-id");
    await expect.poll(() => store.getStatus(id ?? "")).toMatchObject({ state: "done" });
    const before = calls.length;
    const responses = [
      await post(handler, "/stream", { prompt: "hi" }),
      await get(handler, `/stream/resume?id=${id}`),
      await post(handler, "/stream/stop", { id }),
    ];
    expect(responses.map((response) => response.status)).toEqual([status, status, status]);
    for (const response of responses) {
      expect(await response.text()).toBe(status === 403 ? '{"error":"forbidden"}' : "who?");
    }
    expect(calls).toHaveLength(before);
  });

  test("that fails is the application's to handle", async () => {
    const handler = withHook(() => {
      throw new Error("session store down");
    });
    await expect(post(handler, "/stream", { prompt: "hi" })).rejects.toThrow("session store down");
  });
});

describe("a store that fails", () => {
  const failing = (code: StreamErrorCode) => {
    const broken = new MemoryStreamStore();
    const fail = () => Promise.reject(new StreamError(code, "it does not work"));
    return Object.assign(broken, { create: fail, getStatus: fail, stop: fail });
  };

  test("UNAVAILABLE is a 503, and the model is not asked", async () => {
    const handler = createStreamHandler({ model, store: failing("UNAVAILABLE") });
    const before = calls.length;
    const responses = [
      await post(handler, "/stream", { prompt: "hi" }),
      await get(handler, "/stream/resume?id=x"),
      await post(handler, "/stream/stop", { id: "x" }),
    ];
    for (const response of responses) {
      expect(response.status).toBe(503);
      expect(await response.json()).toEqual({ error: "it does not work", code: "UNAVAILABLE" });
    }
    expect(calls).toHaveLength(before);
  });

  test("what is not a StreamError is the application's to handle", async () => {
    const broken = Object.assign(new MemoryStreamStore(), {
      create: () => Promise.reject(new TypeError("bug")),
    });
    const handler = createStreamHandler({ model, store: broken });
    await expect(post(handler, "/stream", { prompt: "hi" })).rejects.toThrow("bug");
  });
});

describe("options", () => {
  test.each([
    ["nothing", {}],
    ["no store", { model }],
    ["no model", { store }],
    ["both", { store, model, models: { model } }],
    ["no models in it", { store, models: {} }],
    ["resumable: false", { store, model, resumable: false }],
    ["a prefix without a slash", { store, model, prefix: "api" }],
    ["a prefix with one at its end", { store, model, prefix: "/api/" }],
    ["the root as prefix", { store, model, prefix: "/" }],
    ["an empty prefix", { store, model, prefix: "" }],
    ["a lease that is no integer", { store, model, leaseMs: 0.5 }],
    ["no time to live", { store, model, ttlSec: 0 }],
    ["no heartbeat", { store, model, heartbeatMs: Infinity }],
    ["no body", { store, model, maxBodyBytes: -1 }],
  ])("%s is a TypeError at once", (_, options) => {
    expect(() => createStreamHandler(options as StreamHandlerOptions)).toThrow(TypeError);
  });

  test("`leaseMs` and `ttlSec` reach the store, `heartbeatMs` the reader", async () => {
    const created: unknown[] = [];
    class Noting extends MemoryStreamStore {
      override create(...args: Parameters<MemoryStreamStore["create"]>): Promise<void> {
        created.push(args[1]);
        return super.create(...args);
      }
    }
    const slow = scriptedModel("v3", async function* () {
      await new Promise((resolve) => setTimeout(resolve, 100));
      yield* [...textParts("a"), ...finishParts()];
    });
    const options = { store: new Noting(), leaseMs: 7_000, ttlSec: 70, heartbeatMs: 10 };
    const handler = createStreamHandler({ model: slow.model, ...options });
    const response = await post(handler, "/stream", { prompt: "hi" });
    expect(await response.text()).toContain(": heartbeat\n\n");
    expect(created).toMatchObject([{ leaseMs: 7_000, ttlSec: 70 }]);
  });

  test("models are those that were there when the handler was made", async () => {
    const models: Record<string, typeof model> = { m: model };
    const handler = createStreamHandler({ models, store });
    delete models["m"];
    expect((await linesOf(await post(handler, "/stream", { prompt: "hi" })))[0]).toBe("a");
  });
});
