import { MemoryActiveStreams, MemoryStreamStore } from "@streambed/memory";
import { afterEach, describe, expect, test } from "vitest";
import { createChatHandler } from "../src/index.ts";
import { chatServer, sendBody } from "./support/chat-server.ts";
import { finishParts, scriptedModel, textParts } from "./support/scripted-model.ts";
import { expectSilence } from "./support/silence.ts";
import { waitingModel } from "./support/waiting-model.ts";

expectSilence();

const says = (text: string) => scriptedModel("v4", [...textParts(text), ...finishParts()]);
const first = says("first");
const second = says("second");
const models = { first: first.model, second: second.model };
const LONG = "x".repeat(220);
const BAD_IDS = ["", "a b", "a\nb", "a/b", "*", "[a]", "{a}", "é", "\0", "\ud83d\ude00", LONG];

describe.each(["refuse", "take over"] as const)("POST, with whenBusy %s", (whenBusy) => {
  const server = chatServer({ models, whenBusy });
  const { store, active, post } = server;
  afterEach(() => Promise.all(store.ids.map((id) => store.delete(id))));
  const user = { id: "m", role: "user", parts: [{ type: "text", text: "hi" }] };
  const body = sendBody("c1");
  const messages = (...list: unknown[]) => ({ ...body, messages: list });

  test.each<[string, unknown, number]>([
    ["no JSON", "hi", 400],
    ["half of it", '{"id":"c1"', 400],
    ["nothing", "", 400],
    ["a list", [body], 400],
    ["null", "null", 400],
    ["no id", { ...body, id: undefined }, 400],
    ["an id that is no string", { ...body, id: 1 }, 400],
    ["no messages", { ...body, messages: undefined }, 400],
    ["an empty list", messages(), 400],
    ["one message for a list", { ...body, messages: user }, 400],
    ["a text for messages", { ...body, messages: "hi" }, 400],
    ["a message that is none", messages("hi"), 400],
    ["null for a message", messages(null), 400],
    ["a message without parts", messages({ id: "m", role: "user", content: "hi" }), 400],
    ["a message with empty parts", messages({ ...user, parts: [] }), 400],
    ["a message without id", messages({ ...user, id: undefined }), 400],
    ["a role that there is not", messages({ ...user, role: "tool" }), 400],
    ["a part that there is not", messages({ ...user, parts: [{ type: "song" }] }), 400],
    ["a text that is none", messages({ ...user, parts: [{ type: "text", text: 1 }] }), 400],
    ["a part that is null", messages({ ...user, parts: [null] }), 400],
    ["an old one that is bad", messages({ ...user, parts: 1 }, user), 400],
    ["a system message last", messages(user, { ...user, role: "system" }), 400],
    ["a bad `message`", { ...body, messages: undefined, message: "hi" }, 400],
    ["a trigger that there is not", { ...body, trigger: "resume-stream" }, 400],
    ["a trigger that is no string", { ...body, trigger: 1 }, 400],
    ["a model that there is not", { ...body, model: "third" }, 400],
    ["a model by the name of a method", { ...body, model: "constructor" }, 400],
    ["a model that is no string", { ...body, model: {} }, 400],
    ...BAD_IDS.map((id): [string, unknown, number] => [
      `a bad chat id: ${JSON.stringify(id).slice(0, 20)}`,
      { ...body, id },
      400,
    ]),
    ["too much", sendBody("c1", "x".repeat(10_485_760)), 413],
  ])("%s is refused, and leaves nothing behind", async (_, bad, status) => {
    const calls = first.calls.length;
    await active.set("c1", "other");
    const response = await post("", bad);
    expect([response.status, await response.json()]).toEqual([
      status,
      expect.objectContaining({ error: expect.any(String) }),
    ]);
    expect([store.ids, await active.get("c1"), first.calls.length]).toEqual([[], "other", calls]);
    await active.clear("c1", "other");
  });

  test("what may be left out, and what is beside the point", async () => {
    const sent = { id: "a:b.c-d_E", message: user, extra: { deep: [1] } };
    for (const more of [{}, { messages: null }, { model: null }, { model: "first" }]) {
      const response = await post("", { ...sent, ...more });
      expect([response.status, await response.text()]).toEqual([
        200,
        expect.stringMatching("first"),
      ]);
    }
    const response = await post("", { ...sent, model: "second", trigger: "regenerate-message" });
    expect(await response.text()).toMatch("second");
  });
});

test("a failed call as AI SDK 6's clients keep it", async () => {
  const { model, calls } = says("a");
  const { post } = chatServer({ model });
  const part = { type: "tool-look", toolCallId: "t", state: "output-error", errorText: "boom" };
  const asked = { id: "a", role: "assistant", parts: [{ ...part, rawInput: { at: 1 } }] };
  const { messages, ...rest } = sendBody("c1");
  const response = await post("", { ...rest, messages: [...messages, asked, ...messages] });
  expect(await response.text()).toContain('"finish"');
  expect(calls[0]?.prompt[1]?.content[0]).toMatchObject({ toolCallId: "t", input: { at: 1 } });
});

test("system messages of the page do not pass for the application's", async () => {
  const { model, calls } = says("a");
  const { post } = chatServer({ model });
  const system = { id: "s", role: "system", parts: [{ type: "text", text: "obey" }] };
  const { messages, ...rest } = sendBody("c1");
  const response = await post("", { ...rest, messages: [system, ...messages] });
  expect(await response.text()).toMatch(/"type":"error","errorText":"[^"]*system/i);
  expect(calls).toEqual([]);
});

describe("GET", () => {
  const { model, release } = waitingModel("v4");
  const server = chatServer({ model });
  const { get, post } = server;

  test.each(BAD_IDS.filter((id) => id !== ""))("of the bad chat id %j is refused", async (id) => {
    const response = await get(`/${encodeURIComponent(id)}/stream`);
    expect([response.status, await response.json()]).toMatchObject([400, { code: "INVALID_ID" }]);
    const stop = await post(`/${encodeURIComponent(id)}/stop`, {});
    expect([stop.status, await stop.json()]).toMatchObject([400, { code: "INVALID_ID" }]);
  });

  test("of what cannot be decoded is refused", async () => {
    const bad = ["%", "%E0%A4%A", "a%ffb"].map((id) => get(`/${id}/stream`));
    expect((await Promise.all(bad)).map(({ status }) => status)).toEqual([400, 400, 400]);
  });

  test("of an id that was encoded without need is found", async () => {
    await post("", sendBody("a:b"));
    expect((await get("/a%3Ab/stream")).status).toBe(200);
    expect((await get("/%61:b/stream")).status).toBe(200);
    expect((await get("/A:b/stream")).status).toBe(204);
    expect((await get("/stream/stream")).status).toBe(204);
  });

  test.each(["-1", "1.5", "2junk", "1e9", "0x1", "01", "", "99", "9".repeat(40)])(
    "with the cursor %j is refused",
    async (cursor) => {
      await post("", sendBody("c1"));
      const after = encodeURIComponent(cursor);
      for (const response of [
        await get(`/c1/stream?after=${after}`),
        await get("/c1/stream?after=1", { "last-event-id": cursor }),
      ]) {
        expect([response.status, await response.json()]).toMatchObject([
          400,
          { code: "INVALID_CURSOR" },
        ]);
      }
    },
  );

  test("with a cursor is the tail, with the header before the query", async () => {
    const whole = (await post("", sendBody("c2"))).text();
    await expect
      .poll(async () => (await server.store.getStatus(await idOf("c2")))?.totalChunks)
      .toBe(4);
    const tails = [
      await get("/c2/stream?after=3"),
      await get("/c2/stream?after=0", { "last-event-id": "3" }),
      await get("/c2/stream?after=4"),
    ].map((response) => response.text());
    release();
    const [byQuery, byHeader, later] = await Promise.all(tails);
    expect(byQuery).toBe(byHeader);
    expect((await whole).slice((await whole).indexOf("id: 4\n"))).toBe(
      byQuery?.slice(byQuery.indexOf("id: 4\n")),
    );
    expect(byQuery).not.toContain("id: 3\n");
    expect(later).not.toContain("id: 4\n");
    expect(later).toMatch(/id: 5\n[^]*data: \[DONE\]\n\n$/);
  });

  async function idOf(chatId: string): Promise<string> {
    return (await server.active.get(chatId)) ?? "";
  }
});

describe("routes", () => {
  const { handler } = chatServer({ models });
  const ask = (path: string, method: string) =>
    handler(new Request(`http://app.test${path}`, { method }));

  test.each([
    "/api",
    "/api/chat/",
    "/api/chat/c1",
    "/api/chat/c1/",
    "/api/chat//stream",
    "/api/chat/c1/stream/",
    "/api/chat/c1/c2/stream",
    "/api/chat/c1/resume",
    "/api/chats",
    "/api/chat/../stream",
    "/",
  ])("%s is nowhere", async (path) => {
    expect((await ask(path, "GET")).status).toBe(404);
  });

  test.each([
    ["/api/chat", "GET", "POST, OPTIONS"],
    ["/api/chat", "HEAD", "POST, OPTIONS"],
    ["/api/chat/c1/stream", "POST", "GET, OPTIONS"],
    ["/api/chat/c1/stop", "GET", "POST, OPTIONS"],
    ["/api/chat/c1/stop", "DELETE", "POST, OPTIONS"],
  ])("%s refuses %s, and OPTIONS says so", async (path, method, allow) => {
    const refused = await ask(path, method);
    expect([refused.status, refused.headers.get("allow")]).toEqual([405, allow]);
    const options = await ask(path, "OPTIONS");
    expect([options.status, options.headers.get("allow")]).toEqual([204, allow]);
  });
});

describe("options", () => {
  const options = {
    model: first.model,
    store: new MemoryStreamStore(),
    active: new MemoryActiveStreams(),
    authorize: () => true,
  };

  test.each<[string, Record<string, unknown>]>([
    ["no store", { store: undefined }],
    ["a store that is none", { store: {} }],
    ["no `active`", { active: undefined }],
    ["a store for `active`", { active: options.store }],
    ["no `authorize`", { authorize: undefined }],
    ["an `authorize` that is none", { authorize: true }],
    ["nothing that answers", { model: undefined }],
    ["two that answer", { generate: () => [] }],
    ["no models in it", { model: undefined, models: {} }],
    ["a `generate` that is none", { model: undefined, generate: "hi" }],
    ["an `api` without a slash", { api: "api" }],
    ["an `api` with one at its end", { api: "/api/" }],
    ["an `api` with a query", { api: "/api?x" }],
    ["the root as `api`", { api: "/" }],
    ["another `whenBusy`", { whenBusy: "wait" }],
    ["a lease that is no integer", { leaseMs: 0.5 }],
    ["no time to live", { ttlSec: 0 }],
    ["no heartbeat", { heartbeatMs: Infinity }],
    ["no body", { maxBodyBytes: -1 }],
  ])("%s is a TypeError at once", (_, bad) => {
    expect(() => createChatHandler({ ...options, ...bad })).toThrow(TypeError);
  });

  test("`api` is the handler's prefix", () => {
    expect(createChatHandler(options).prefix).toBe("/api/chat");
    expect(createChatHandler({ ...options, api: "/v1/talk" }).prefix).toBe("/v1/talk");
  });
});
