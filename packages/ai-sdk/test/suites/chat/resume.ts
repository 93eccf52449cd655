import type { UIMessage } from "@ai-sdk/react";
import { describe, expect, test } from "vitest";
import { openChat, partsOf } from "../../support/chat-client.ts";
import type { ChatVersion } from "../../support/chat-client.ts";
import { chatServer, sendBody } from "../../support/chat-server.ts";
import { cuttable } from "../../support/cuttable.ts";
import { finishParts, scriptedModel, textParts } from "../../support/scripted-model.ts";
import { waitingModel } from "../../support/waiting-model.ts";

/** What a page gets that is loaded, or comes back, while an answer is under way or none is. */
export function resume(version: ChatVersion): void {
  const { spec } = version;

  describe("resuming when there is nothing to resume", () => {
    const { model } = scriptedModel(spec, [...textParts("a"), ...finishParts()]);
    const { store, active, post, get, ...server } = chatServer({ model });

    test.each([
      ["a chat that never was", async () => {}],
      ["an answer that has ended", async () => (await post("", sendBody("c1"))).text()],
      ["a stopped answer", () => created("stopped", (id) => store.stop(id))],
      ["a failed answer", () => created("failed", (id) => store.fail(id, "boom"))],
      ["a pointer to a stream that is gone", () => active.set("c1", "gone")],
    ])("%s: 204, and the chat is ready", async (_, arrange) => {
      await arrange();
      expect((await get("/c1/stream")).status).toBe(204);
      const { chat, finished, errors } = openChat(version, server);
      const statuses: string[] = [];
      chat["~registerStatusCallback"](() => statuses.push(chat.status));
      await chat.resumeStream();
      expect([chat.status, chat.messages, finished, errors]).toEqual(["ready", [], [], []]);
      expect(statuses).not.toContain("submitted");
      expect(await active.get("c1")).toBe(null);
    });

    /** A pointer to a stream whose producer did not tidy up. */
    async function created(id: string, end: (id: string) => Promise<void>): Promise<void> {
      await store.create(id);
      await end(id);
      await active.set("c1", id);
    }

    test("what `authorize` refuses is an error", async () => {
      const refusing = chatServer({
        model,
        authorize: () => new Response("who?", { status: 401 }),
      });
      const { chat, errors } = openChat(version, refusing);
      await chat.resumeStream();
      expect([chat.status, chat.error?.message]).toEqual(["error", "who?"]);
      expect(errors).toHaveLength(1);
    });
  });

  describe("resuming in mid-answer", () => {
    const question: UIMessage = { id: "q", role: "user", parts: [{ type: "text", text: "hi" }] };
    const partial = (id: string): UIMessage => ({
      id,
      role: "assistant",
      parts: [{ type: "step-start" }, { type: "text", text: "a", state: "streaming" }],
    });

    /** A server with an answer under way of which one client has read the "a". */
    async function underWay() {
      const { model, release } = waitingModel(spec);
      const server = chatServer({ model });
      const first = openChat(version, server);
      const sent = first.chat.sendMessage({ text: "hi" });
      await expect.poll(first.parts).toEqual(["text streaming: a"]);
      return { server, release, first, sent, id: first.chat.lastMessage?.id ?? "" };
    }

    test.each([
      ["nothing", () => []],
      ["the question", () => [question]],
      ["the question and the beginning of the answer", (id: string) => [question, partial(id)]],
    ])("with %s loaded: the whole message once", async (_, load) => {
      const { server, release, first, sent, id } = await underWay();
      const messages = load(id);
      const { chat, parts, finished, errors } = openChat(version, server, { messages });
      const resumed = chat.resumeStream();
      await expect.poll(() => chat.status).toBe("streaming");
      await expect.poll(parts).toEqual(["text streaming: a"]);
      release();
      await Promise.all([sent, resumed]);

      const users = messages.filter(({ role }) => role === "user");
      expect(chat.messages).toEqual([...users, first.chat.lastMessage]);
      expect([chat.status, parts(), errors]).toEqual(["ready", ["text done: ab"], []]);
      expect(finished).toMatchObject([{ isError: false, isAbort: false, finishReason: "stop" }]);
      expect(server.requests).toEqual(["POST /api/chat", "GET /api/chat/c1/stream"]);
      expect((await server.get("/c1/stream")).status).toBe(204);
    });

    test("`api` with a query", async () => {
      const { model, release } = waitingModel(spec);
      const server = chatServer({ model, api: "/v1/talk" });
      const transportInit = { api: "/v1/talk?tenant=a" };
      const first = openChat(version, server, { transportInit });
      const sent = first.chat.sendMessage({ text: "hi" });
      await expect.poll(first.parts).toEqual(["text streaming: a"]);
      const { chat, parts } = openChat(version, server, { transportInit });
      const resumed = chat.resumeStream();
      release();
      await Promise.all([sent, resumed]);
      expect(parts()).toEqual(["text done: ab"]);
      expect(server.requests).toEqual([
        "POST /v1/talk?tenant=a",
        "GET /v1/talk/c1/stream?tenant=a",
      ]);
    });

    test.each([
      ["from where it was", (id: string) => `?streamId=${id}&after=4`],
      ["from its beginning", (id: string) => `?streamId=${id}`],
    ])("after the end, the client that names the answer has it %s", async (_, query) => {
      const { model, release } = waitingModel(spec);
      const server = chatServer({ model });
      const { fetch, cut } = cuttable(server.fetch);
      const transportInit = {
        resumeStreamIsReplay: !query("").includes("after"),
        prepareReconnectToStreamRequest: () => ({ api: `/api/chat/c1/stream${query(id)}` }),
      };
      const { chat, parts, errors } = openChat(version, { fetch }, { transportInit });
      const sent = chat.sendMessage({ text: "hi" });
      await expect.poll(parts).toEqual(["text streaming: a"]);
      const id = (await server.active.get("c1")) ?? "";
      cut();
      await sent;
      release();
      await expect.poll(() => server.active.get("c1")).toBe(null);
      await chat.resumeStream();
      expect([chat.status, parts(), errors.length]).toEqual(["ready", ["text done: ab"], 1]);
      expect(chat.messages.map(({ role }) => role)).toEqual(["user", "assistant"]);
    });

    test.each([
      ["the replay", {}],
      [
        "the tail",
        {
          resumeStreamIsReplay: false,
          prepareReconnectToStreamRequest: () => ({ api: "/api/chat/c1/stream?after=4" }),
        },
      ],
    ])("the client that has lost its connection goes on with %s", async (_, transportInit) => {
      const { model, release } = waitingModel(spec);
      const server = chatServer({ model });
      const { fetch, cut } = cuttable(server.fetch);
      const { chat, parts, finished } = openChat(version, { fetch }, { transportInit });
      const sent = chat.sendMessage({ text: "hi" });
      // The fourth chunk is the "a", after `start`, `start-step` and `text-start`.
      await expect.poll(parts).toEqual(["text streaming: a"]);
      cut();
      await sent;
      expect([chat.status, parts()]).toEqual(["error", ["text streaming: a"]]);
      expect(finished).toMatchObject([{ isDisconnect: true }]);

      const resumed = chat.resumeStream();
      release();
      await resumed;
      expect([chat.status, parts()]).toEqual(["ready", ["text done: ab"]]);
      expect(chat.messages.map(({ role }) => role)).toEqual(["user", "assistant"]);
    });

    test("the tail alone is for nobody else", async () => {
      const { server, release, sent } = await underWay();
      const transportInit = {
        prepareReconnectToStreamRequest: () => ({ api: "/api/chat/c1/stream?after=3" }),
      };
      const { chat } = openChat(version, server, { transportInit });
      const resumed = chat.resumeStream();
      release();
      await Promise.all([sent, resumed]);
      expect([chat.status, chat.error?.name]).toEqual(["error", "AI_UIMessageStreamError"]);
    });

    test("two pages at a time", async () => {
      const { server, release, first, sent } = await underWay();
      const pages = [openChat(version, server), openChat(version, server)];
      const resumed = pages.map(({ chat }) => chat.resumeStream());
      release();
      await Promise.all([sent, ...resumed]);
      for (const { chat } of pages) {
        expect(partsOf(chat.lastMessage)).toEqual(["text done: ab"]);
        expect(chat.lastMessage?.id).toBe(first.chat.lastMessage?.id);
      }
    });
  });
}
