import { describe, expect, test } from "vitest";
import type { ChatAction, ChatHandlerOptions } from "../src/index.ts";
import { chatServer, sendBody } from "./support/chat-server.ts";
import { expectSilence } from "./support/silence.ts";
import { waitingModel } from "./support/waiting-model.ts";

expectSilence();

const refuseByThrowing = (): never => {
  // oxlint-disable-next-line typescript/only-throw-error -- as some frameworks do
  throw new Response("who?", { status: 401 });
};

test("`authorize` sees every request with what it wants to do, before anything is done", async () => {
  const { model } = waitingModel("v4");
  const seen: ChatAction[] = [];
  const { store, active, post, get } = chatServer({
    models: { m: model },
    async authorize(request, action) {
      expect(request.url).toContain("/api/chat");
      if (action.type === "send") {
        expect(await store.getStatus(action.streamId)).toBe(null);
        expect(await active.get(action.chatId)).toBe(null);
      }
      seen.push(action);
      return true;
    },
  });
  const body = sendBody("a:b", "hi", { trigger: "regenerate-message" });
  const response = await post("", body);
  const streamId = response.headers.get("x-stream-id") ?? "";
  expect(await active.get("a:b")).toBe(streamId);
  await (await get("/a%3Ab/stream")).body?.cancel();
  await post("/a%3Ab/stop", { streamId: "another" });
  expect(seen).toEqual([
    {
      type: "send",
      chatId: "a:b",
      streamId,
      model: "m",
      messages: body.messages,
      trigger: "regenerate-message",
    },
    { type: "resume", chatId: "a:b" },
    { type: "stop", chatId: "a:b" },
  ]);
});

test("`authorize` does not see what makes no sense", async () => {
  const { model } = waitingModel("v4");
  const seen: ChatAction[] = [];
  const { post, get } = chatServer({ model, authorize: (_, action) => seen.push(action) > 0 });
  await post("", { ...sendBody("c1"), messages: [] });
  await post("", sendBody("a b"));
  await get("/a%20b/stream");
  await post("/a%20b/stop", {});
  await post("/c1/stop", "{");
  expect(seen).toEqual([]);
});

describe("`authorize` that", () => {
  test.each<[string, unknown, number, string]>([
    ["returns false", () => false, 403, '{"error":"forbidden"}'],
    ["returns nothing", () => undefined, 403, '{"error":"forbidden"}'],
    ["returns something truthy", () => "yes", 403, '{"error":"forbidden"}'],
    ["resolves to false", async () => false, 403, '{"error":"forbidden"}'],
    ["returns a response", () => new Response("who?", { status: 401 }), 401, "who?"],
    ["returns a good response", () => new Response("none for you"), 200, "none for you"],
    ["throws a response", refuseByThrowing, 401, "who?"],
  ])("%s refuses, and nothing is done", async (_, verdict, status, text) => {
    const { model, release } = waitingModel("v4");
    const open = chatServer({ model });
    const response = await open.post("", sendBody("c1"));
    const answer = response.text();
    const streamId = response.headers.get("x-stream-id");

    const { store, active } = open;
    const authorize = verdict as ChatHandlerOptions["authorize"];
    const { post, get } = chatServer({ model, store, active, authorize, whenBusy: "take over" });
    const refusals = [
      await post("", sendBody("c1")),
      await post("", sendBody("c2")),
      await get("/c1/stream"),
      await get("/c2/stream"),
      await get("/c1/stream?after=junk"),
      await post("/c1/stop", {}),
    ];
    for (const refusal of refusals) {
      expect([refusal.status, await refusal.text()]).toEqual([status, text]);
    }
    expect([store.ids, await active.get("c1"), await active.get("c2")]).toEqual([
      [streamId],
      streamId,
      null,
    ]);
    release();
    expect(await answer).toContain('"delta":"b"');
  });

  test("fails is the application's to handle", async () => {
    const { model } = waitingModel("v4");
    const authorize = () => Promise.reject(new Error("session store down"));
    const { store, post, get } = chatServer({ model, authorize });
    await expect(post("", sendBody("c1"))).rejects.toThrow("session store down");
    await expect(get("/c1/stream")).rejects.toThrow("session store down");
    await expect(post("/c1/stop", {})).rejects.toThrow("session store down");
    expect(store.ids).toEqual([]);
  });
});
