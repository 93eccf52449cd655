import { ChatHistory } from "@streambed/core/conversation";
import { MemoryConversationStore, MemoryStreamStore } from "@streambed/memory";
import { describe, expect, test, vi } from "vitest";
import { createStreamHandler } from "../../../src/index.ts";
import { eventsOf, linesOf, post, readUntil } from "../../support/client.ts";
import {
  failingModel,
  finishParts,
  scriptedModel,
  textParts,
  untilAborted,
} from "../../support/scripted-model.ts";
import type { ScriptedModel, Spec } from "../../support/scripted-model.ts";

/** Conversations over `/stream` with a `sessionId`. */
export function sessions(spec: Spec): void {
  describe(`sessions with a ${spec} model`, () => {
    function serve(scripted: ScriptedModel, more: { maxMessages?: number } = {}) {
      const store = new MemoryStreamStore();
      const conversations = new MemoryConversationStore();
      const conversation = { store: conversations, ...more };
      const handler = createStreamHandler({ model: scripted.model, store, conversation });
      const ask = (prompt: string, sessionId = "s1", system?: string): Promise<Response> =>
        post(handler, "/stream", { prompt, sessionId, system });
      const kept = async (id = "s1"): Promise<string[]> =>
        (await conversations.load(id)).messages.map(({ role, content }) => `${role}: ${content}`);
      /** Until that is what is kept: an answer is kept a moment after its reader has its end. */
      const keeps = (expected: string[], id = "s1"): Promise<void> =>
        vi.waitFor(async () => expect(await kept(id)).toEqual(expected));
      /** How the last answer ended. */
      const endOf = async (id: string): Promise<object> => {
        const history = await conversations.load(id);
        const { streamId, ...end } = history.get(history.activeLeafId!)!.metadata;
        expect(await store.getStatus(streamId as string)).toMatchObject(end);
        return end;
      };
      return { handler, store, conversations, ask, kept, keeps, endOf, calls: scripted.calls };
    }

    /** Says what it was asked last, word by word. */
    const echo = (): ScriptedModel =>
      scriptedModel(spec, ({ prompt }) => [
        ...textParts(...textOf(prompt.at(-1)).split(/(?= )/)),
        ...finishParts(),
      ]);

    const textOf = (message: unknown): string => {
      const { content } = message as { content: string | { text?: string }[] };
      if (typeof content === "string") return content;
      return content.map(({ text = "" }) => text).join("");
    };
    const promptsOf = ({ calls }: { calls: ScriptedModel["calls"] }): string[][] =>
      calls.map(({ prompt }) => prompt.map((message) => `${message.role}: ${textOf(message)}`));

    test("the model sees what was said before, and every turn is kept", async () => {
      const server = serve(echo());
      await linesOf(await server.ask("first one"));
      await server.keeps(["user: first one", "assistant: first one"]);
      expect(await server.endOf("s1")).toEqual({ state: "done" });
      await linesOf(await server.ask("second", "s1", "Be kind."));
      expect(promptsOf(server)).toEqual([
        ["user: first one"],
        ["system: Be kind.", "user: first one", "assistant: first one", "user: second"],
      ]);
      await server.keeps([
        "user: first one",
        "assistant: first one",
        "user: second",
        "assistant: second",
      ]);
      await linesOf(await server.ask("elsewhere", "s2"));
      expect(promptsOf(server).at(-1)).toEqual(["user: elsewhere"]);
    });

    test("no more than the newest messages are shown to the model, and all are kept", async () => {
      const server = serve(echo(), { maxMessages: 3 });
      for (const prompt of ["a", "b", "c"]) {
        await linesOf(await server.ask(prompt));
        await vi.waitFor(async () => expect((await server.kept()).at(-1)).toMatch(/^assistant/));
      }
      expect(promptsOf(server).at(-1)).toEqual(["user: b", "assistant: b", "user: c"]);
      expect(await server.kept()).toHaveLength(6);
    });

    test("the question is kept before the answer begins", async () => {
      const server = serve(
        scriptedModel(spec, async function* ({ abortSignal }) {
          yield* textParts();
          await untilAborted(abortSignal);
        }),
      );
      const response = await server.ask("hello");
      expect(await server.kept()).toEqual(["user: hello"]);
      await response.body?.cancel();
      await server.store.stop(response.headers.get("x-stream-id")!);
    });

    test("a stopped answer is kept as far as it came", async () => {
      const server = serve(
        scriptedModel(spec, async function* ({ abortSignal }) {
          yield* textParts("as far ", "as this");
          await untilAborted(abortSignal);
        }),
      );
      const response = await server.ask("hello");
      const reader = response.clone().body!.getReader();
      await readUntil(reader, "as this");
      await post(server.handler, "/stream/stop", { id: response.headers.get("x-stream-id") });
      expect((await linesOf(response)).slice(-2)).toEqual(["[stopped]", "[done]"]);
      await server.keeps(["user: hello", "assistant: as far as this"]);
      expect(await server.endOf("s1")).toEqual({ state: "stopped" });
    });

    test("a failed answer is kept as far as it came", async () => {
      const server = serve(
        scriptedModel(spec, function* () {
          yield* textParts("half ");
          throw new Error("it broke");
        }),
      );
      expect(await linesOf(await server.ask("hello"))).toContain("[error] it broke");
      await server.keeps(["user: hello", "assistant: half "]);
      expect(await server.endOf("s1")).toEqual({ state: "error", error: "it broke" });
    });

    test("of an answer that failed before it began the question is kept", async () => {
      const server = serve(failingModel(spec, () => new Error("401")));
      expect(await linesOf(await server.ask("hello"))).toContain("[error] 401");
      expect(await server.kept()).toEqual(["user: hello"]);
    });

    test("the answer of a producer that died is kept by the next question", async () => {
      const server = serve(echo());
      const streamId = crypto.randomUUID();
      await server.store.create(streamId, { writer: "w", leaseMs: 30 });
      await server.store.append(streamId, ["as far ", "as it came", "usage\u0001{}"], {
        writer: "w",
      });
      await server.conversations.update("s1", (history) => {
        history.append({ role: "user", content: "lost?" }, { metadata: { streamId } });
      });
      await vi.waitFor(async () =>
        expect((await server.store.getStatus(streamId))?.state).toBe("error"),
      );
      await linesOf(await server.ask("and now?"));
      expect(promptsOf(server)).toEqual([
        ["user: lost?", "assistant: as far as it came", "user: and now?"],
      ]);
    });

    test("an answer that was under way when the next question came is kept when it is lost", async () => {
      const server = serve(echo());
      const streamId = crypto.randomUUID();
      await server.store.create(streamId, { writer: "w", leaseMs: 150 });
      await server.store.append(streamId, ["half"], { writer: "w" });
      await server.conversations.update("s1", (history) => {
        history.append({ role: "user", content: "first" }, { metadata: { streamId } });
      });
      await linesOf(await server.ask("second"));
      await vi.waitFor(async () =>
        expect((await server.store.getStatus(streamId))?.state).toBe("error"),
      );
      await linesOf(await server.ask("third"));
      const history = await server.conversations.load("s1");
      const first = history.get(history.nodeIds[0] ?? "")!;
      expect(first.children.map((id) => history.get(id)?.message.content)).toEqual([
        "second",
        "half",
      ]);
    });

    test("a conversation that is too large for a lost answer can still be compacted", async () => {
      const store = new MemoryStreamStore();
      const conversations = new MemoryConversationStore({ maxBytes: 1_500 });
      const { model } = scriptedModel(spec, [...textParts("short"), ...finishParts()]);
      const handler = createStreamHandler({ model, store, conversation: { store: conversations } });
      const streamId = crypto.randomUUID();
      await store.create(streamId);
      await store.append(streamId, "x".repeat(3_000), { end: { error: "lost" } });
      await conversations.update("s", (history) => {
        history.append({ role: "user", content: "first" }, { metadata: { streamId } });
      });
      const messages = [{ role: "user", content: "first" }];
      const response = await post(handler, "/compact", { messages, sessionId: "s" });
      expect(await response.json()).toMatchObject({ summary: "short" });
      expect((await post(handler, "/stream", { prompt: "on", sessionId: "s" })).status).toBe(200);
    });

    test("200 rounds of two tabs at once lose no message, and each answer stands under its own question", async () => {
      const server = serve(echo());
      for (let round = 0; round < 200; round++) {
        const prompts = [`a${round}`, `b${round}`];
        const responses = await Promise.all(prompts.map((prompt) => server.ask(prompt, "tabs")));
        expect(responses.map(({ status }) => status)).toEqual([200, 200]);
        await Promise.all(responses.map(eventsOf));
      }
      await vi.waitFor(async () =>
        expect((await server.conversations.load("tabs")).size).toBe(800),
      );
      const { nodes } = JSON.parse((await server.conversations.load("tabs")).toJSON()) as {
        nodes: Record<string, { message: { role: string; content: string }; parentId: string }>;
      };
      const asked = Object.values(nodes).filter(({ message }) => message.role === "user");
      expect(new Set(asked.map(({ message }) => message.content)).size).toBe(400);
      for (const { message, parentId } of Object.values(nodes)) {
        if (message.role === "user") continue;
        expect(nodes[parentId]?.message).toEqual({ role: "user", content: message.content });
      }
    });

    test("what is kept is JSON that others read", async () => {
      const server = serve(echo());
      await linesOf(await server.ask("hi"));
      await server.keeps(["user: hi", "assistant: hi"]);
      const history = await server.conversations.load("s1");
      const again = ChatHistory.fromJSON(history.toJSON());
      expect(again.messages).toEqual([
        { role: "user", content: "hi" },
        { role: "assistant", content: "hi" },
      ]);
    });

    test("without a store for conversations every request stands alone", async () => {
      const { model, calls } = echo();
      const handler = createStreamHandler({ model, store: new MemoryStreamStore() });
      for (const prompt of ["a", "b"]) {
        await linesOf(await post(handler, "/stream", { prompt, sessionId: "s1" }));
      }
      expect(promptsOf({ calls })).toEqual([["user: a"], ["user: b"]]);
    });

    test("a conversation that cannot be read is an error, and no stream is left", async () => {
      const store = new MemoryStreamStore();
      const conversations = new (class extends MemoryConversationStore {
        plant(json: string): void {
          this.conversations.put("s1", { json, expiresAt: Infinity });
        }
      })();
      conversations.plant("{}");
      let id = "";
      const handler = createStreamHandler({
        model: echo().model,
        store,
        conversation: { store: conversations },
        authorize(_, action) {
          if (action.type === "start") id = action.id;
          return true;
        },
      });
      const response = await post(handler, "/stream", { prompt: "hi", sessionId: "s1" });
      expect([response.status, await response.json()]).toMatchObject([
        500,
        { code: "UNSUPPORTED" },
      ]);
      expect(await store.getStatus(id)).toBeNull();
    });
  });
}
