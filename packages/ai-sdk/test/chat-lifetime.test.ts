import { StreamError } from "@streambed/core";
import type { StreamErrorCode, StreamStatus } from "@streambed/core";
import { MemoryActiveStreams } from "@streambed/memory";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Generate } from "../src/index.ts";
import { OpenStore, chatServer, sendBody } from "./support/chat-server.ts";
import { readUntil } from "./support/client.ts";
import { expectSilence } from "./support/silence.ts";
import { waitingModel } from "./support/waiting-model.ts";

expectSilence();

const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
beforeAll(() => void process.on("unhandledRejection", note));
afterAll(async () => {
  await new Promise((resolve) => setTimeout(resolve, 50));
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
});

const boom: Generate = () => {
  throw new Error("boom");
};

describe("the end of an answer", () => {
  test("is not when its reader leaves", async () => {
    const { model, release, aborted } = waitingModel("v4");
    const { handler, get, store } = chatServer({ model });
    const connection = new AbortController();
    const { signal } = connection;
    const body = JSON.stringify(sendBody("c1"));
    const url = "http://app.test/api/chat";
    const response = await handler(new Request(url, { method: "POST", body, signal }));
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    await readUntil(reader, '"delta":"a"');
    connection.abort();
    await reader.cancel();
    const late = new Promise((resolve) => setTimeout(resolve, 200, "alive"));
    expect(await Promise.race([aborted, late])).toBe("alive");
    const resumed = await get("/c1/stream");
    release();
    expect(await resumed.text()).toMatch(/"delta":"a"[^]*"delta":"b"[^]*"finish"/);
    expect(await store.getStatus(store.ids[0] ?? "")).toMatchObject({ state: "done" });
  });

  test("comes also where nobody reads, and `waitUntil` waits for the tidying up", async () => {
    const { model, release } = waitingModel("v4");
    const { post, active, store } = chatServer({ model });
    const work: Promise<unknown>[] = [];
    await post("", sendBody("c1"), { waitUntil: (promise) => void work.push(promise) });
    expect(await active.get("c1")).not.toBe(null);
    release();
    await Promise.all(work);
    expect(work).toHaveLength(1);
    expect(await active.get("c1")).toBe(null);
    expect(await store.getStatus(store.ids[0] ?? "")).toMatchObject({ state: "done" });
  });

  test.each<[string, Generate]>([
    ["a failure", boom],
    ["a stop", ({ signal }) => untilStopped(signal)],
  ])("after %s, tidies up too", async (_, generate) => {
    const { post, get, active } = chatServer({ generate });
    const work: Promise<unknown>[] = [];
    const response = await post("", sendBody("c1"), { waitUntil: (it) => void work.push(it) });
    await post("/c1/stop", {});
    await response.text();
    await Promise.all(work);
    expect(await active.get("c1")).toBe(null);
    expect((await get("/c1/stream")).status).toBe(204);
  });
  async function* untilStopped(signal: AbortSignal): AsyncGenerator<string> {
    yield "a";
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
  }

  test.each<[string, keyof OpenStore | "clear"]>([
    ["the pointer cannot be cleared", "clear"],
    ["no end can be stored", "append"],
    ["nothing can be read", "readFrom"],
  ])("when %s is the end of it, without a rejection that nobody handles", async (_, broken) => {
    const fail = () => Promise.reject(new StreamError("NOT_FOUND", "gone"));
    const store = new OpenStore();
    const active = new MemoryActiveStreams();
    const target = broken === "clear" ? active : store;
    // A generator says so when it is read, not when it is called.
    const failing = broken === "readFrom" ? () => ({ next: fail, return: fail }) : fail;
    const { post } = chatServer({ generate: boom, store, active });
    Object.assign(target, { [broken]: failing });
    const work: Promise<unknown>[] = [];
    const context = { waitUntil: (promise: Promise<unknown>) => void work.push(promise) };
    await (await post("", sendBody("c1"), context)).body?.cancel();
    await Promise.all(work);
    expect(work).toHaveLength(1);
  });
});

describe("a pointer that a dead producer has left", () => {
  test.each([
    ["at a stream that is gone", async () => {}],
    [
      "at one that has ended",
      (store: OpenStore) => store.create("old").then(() => store.complete("old")),
    ],
    ["at one whose lease has lapsed", (store: OpenStore) => store.create("old", { leaseMs: 1 })],
  ])("%s is tidied up by the next request", async (_, arrange) => {
    for (const ask of ["GET", "POST"]) {
      const { model } = waitingModel("v4");
      const { store, active, post, get } = chatServer({ model });
      await arrange(store);
      await active.set("c1", "old");
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (ask === "GET") {
        expect((await get("/c1/stream")).status).toBe(204);
        expect(await active.get("c1")).toBe(null);
      } else {
        const response = await post("", sendBody("c1"));
        expect(response.status).toBe(200);
        expect(await active.get("c1")).toBe(response.headers.get("x-stream-id"));
      }
    }
  });
});

describe("POST /:chatId/stop", () => {
  const ok = async (response: Promise<Response>) =>
    expect([(await response).status, await (await response).json()]).toEqual([200, { ok: true }]);

  test("with the id of another answer is ignored", async () => {
    const { model, aborted } = waitingModel("v4");
    const { post, store } = chatServer({ model });
    const id = (await post("", sendBody("c1"))).headers.get("x-stream-id") ?? "";
    await ok(post("/c1/stop", { streamId: "an-older-one" }));
    await ok(post("/c1/stop", { streamId: "" }));
    expect(await store.getStatus(id)).toMatchObject({ state: "active" });
    await ok(post("/c1/stop", { streamId: id }));
    expect(await store.getStatus(id)).toMatchObject({ state: "stopped" });
    await aborted;
    await ok(post("/c1/stop", { streamId: id }));
  });

  test.each([{}, "", { streamId: null }])(
    "with the body %j stops what is under way",
    async (body) => {
      const { model } = waitingModel("v4");
      const { post, store } = chatServer({ model });
      const id = (await post("", sendBody("c1"))).headers.get("x-stream-id") ?? "";
      await ok(post("/c1/stop", body));
      expect(await store.getStatus(id)).toMatchObject({ state: "stopped" });
    },
  );

  test("without a body does, too", async () => {
    const { model } = waitingModel("v4");
    const { post, handler, store } = chatServer({ model });
    const id = (await post("", sendBody("c1"))).headers.get("x-stream-id") ?? "";
    await ok(handler(new Request("http://app.test/api/chat/c1/stop", { method: "POST" })));
    expect(await store.getStatus(id)).toMatchObject({ state: "stopped" });
  });

  test("of an unknown chat, or one whose stream is gone, is no failure", async () => {
    const { model } = waitingModel("v4");
    const { post, active } = chatServer({ model });
    await ok(post("/c1/stop", {}));
    await active.set("c1", "gone");
    await ok(post("/c1/stop", {}));
  });

  test.each([
    ["{", 400],
    [[], 400],
    [{ streamId: 1 }, 400],
    [{ x: "x".repeat(99) }, 413],
  ])("with the body %j is refused", async (body, status) => {
    const { model } = waitingModel("v4");
    const { post } = chatServer({ model, maxBodyBytes: 50 });
    expect((await post("/c1/stop", body)).status).toBe(status);
  });
});

describe("a store that fails", () => {
  const failing = <T extends object>(target: T, names: string[], error: Error): T => {
    for (const name of names) Object.assign(target, { [name]: () => Promise.reject(error) });
    return target;
  };

  test.each<[string, StreamErrorCode, string[], string[]]>([
    ["the streams", "UNAVAILABLE", ["create", "getStatus", "stop"], []],
    ["the pointers", "UNAVAILABLE", [], ["get", "set", "clear"]],
    ["setting the pointer", "UNAVAILABLE", [], ["set"]],
  ])("%s: 503, and nothing is asked of the model", async (_, code, streams, pointers) => {
    const error = new StreamError(code, "it does not answer");
    const store = new OpenStore();
    const active = new MemoryActiveStreams();
    await active.set("c0", "old");
    let asked = 0;
    const { post, get } = chatServer({
      store: failing(store, streams, error),
      active: failing(active, pointers, error),
      generate: async function* () {
        yield String(asked++);
      },
    });
    const responses = [await post("", sendBody("c1"))];
    if (!pointers.includes("set") || pointers.includes("get")) {
      responses.push(await get("/c0/stream"), await post("/c0/stop", {}));
    }
    for (const response of responses) {
      expect([response.status, await response.json()]).toEqual([
        503,
        { error: "it does not answer", code },
      ]);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(asked).toBe(0);
  });

  test("what is not a StreamError is the application's to handle", async () => {
    const { model } = waitingModel("v4");
    const active = failing(new MemoryActiveStreams(), ["get", "set"], new TypeError("bug"));
    const { post, get } = chatServer({ model, active });
    await expect(post("", sendBody("c1"))).rejects.toThrow("bug");
    await expect(get("/c1/stream")).rejects.toThrow("bug");
  });
});

test("resume of an answer that expires between two looks at it is 204", async () => {
  const store = new (class extends OpenStore {
    override async getStatus(id: string): Promise<StreamStatus | null> {
      const status = await super.getStatus(id);
      await this.delete(id);
      return status;
    }
  })();
  const server = chatServer({ store, model: waitingModel("v4").model });
  await store.create("s1");
  await server.active.set("c1", "s1");
  expect((await server.get("/c1/stream")).status).toBe(204);
});
