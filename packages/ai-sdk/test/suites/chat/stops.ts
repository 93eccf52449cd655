import { lastAssistantMessageIsCompleteWithToolCalls } from "ai";
import { describe, expect, test } from "vitest";
import { openChat } from "../../support/chat-client.ts";
import type { ChatVersion } from "../../support/chat-client.ts";
import { chatServer } from "../../support/chat-server.ts";
import { finishParts, scriptedModel, textParts } from "../../support/scripted-model.ts";
import type { Part } from "../../support/scripted-model.ts";
import { waitingModel } from "../../support/waiting-model.ts";

const REASONING: Part[] = [
  { type: "stream-start", warnings: [] },
  { type: "reasoning-start", id: "r" },
  { type: "reasoning-delta", id: "r", delta: "hm" },
];
const TOOL_INPUT: Part[] = [
  ...textParts("a"),
  { type: "text-end", id: "1" },
  { type: "tool-input-start", id: "t", toolName: "look" },
  { type: "tool-input-delta", id: "t", delta: '{"at":' },
];

/** What a stop in mid-answer leaves on the page. */
export function stops(version: ChatVersion): void {
  const { spec } = version;

  describe("a stop in mid-answer", () => {
    test.each<[string, Part[], string[], string[]]>([
      ["text", textParts("a"), ["text streaming: a"], ["text done: a"]],
      ["reasoning", REASONING, ["reasoning streaming: hm"], ["reasoning done: hm"]],
      [
        "a tool's input",
        TOOL_INPUT,
        ["text done: a", "tool-look input-streaming"],
        ["text done: a", "tool-look output-error"],
      ],
      [
        "a dynamic tool's input",
        TOOL_INPUT.map((part) =>
          part.type === "tool-input-start" ? { ...part, dynamic: true } : part,
        ),
        ["text done: a", "dynamic-tool input-streaming"],
        ["text done: a", "dynamic-tool output-error"],
      ],
    ])(
      "in %s: it is closed, the model aborted, the chat ready",
      async (_, first, before, after) => {
        const { model, aborted } = waitingModel(spec, first);
        const server = chatServer({ model });
        // Tools' results would be sent on by themselves.
        const sendAutomaticallyWhen = lastAssistantMessageIsCompleteWithToolCalls;
        const asking = openChat(version, server, { sendAutomaticallyWhen });
        const sent = asking.chat.sendMessage({ text: "hi" });
        await expect.poll(asking.parts).toEqual(before);
        const watching = openChat(version, server, { sendAutomaticallyWhen });
        const resumed = watching.chat.resumeStream();
        await expect.poll(watching.parts).toEqual(before);

        const stopped = await server.post("/c1/stop", {});
        expect([stopped.status, await stopped.json()]).toEqual([200, { ok: true }]);
        await Promise.all([sent, resumed, aborted]);
        for (const { chat, parts, errors, finished } of [asking, watching]) {
          expect([chat.status, chat.error, errors]).toEqual(["ready", undefined, []]);
          expect(parts()).toEqual(after);
          expect(finished).toHaveLength(1);
        }
        expect(server.requests).toEqual(["POST /api/chat", "GET /api/chat/c1/stream"]);
        await expect.poll(() => server.active.get("c1")).toBe(null);
        expect((await server.get("/c1/stream")).status).toBe(204);
      },
    );

    test("the next question goes out with what there was, in a form that models take", async () => {
      const { model, calls } = scriptedModel(spec, async function* (options, call) {
        if (call > 1) return yield* [...textParts("b"), ...finishParts()];
        yield* waitingParts(options.abortSignal);
      });
      async function* waitingParts(signal: AbortSignal | undefined): AsyncGenerator<Part> {
        yield* TOOL_INPUT;
        await new Promise((_, reject) => signal?.addEventListener("abort", reject));
      }
      const server = chatServer({ model });
      const { chat, parts } = openChat(version, server);
      const sent = chat.sendMessage({ text: "hi" });
      await expect.poll(parts).toHaveLength(2);
      await server.post("/c1/stop", {});
      await sent;
      await chat.sendMessage({ text: "well?" });
      expect([chat.status, chat.error, parts()]).toEqual(["ready", undefined, ["text done: b"]]);
      expect(calls[1]?.prompt).toMatchObject([
        { role: "user" },
        {
          role: "assistant",
          content: [
            { type: "text", text: "a" },
            { type: "tool-call", toolCallId: "t", toolName: "look" },
          ],
        },
        { role: "tool", content: [{ type: "tool-result", toolCallId: "t" }] },
        { role: "user" },
      ]);
      const [, answer] = calls[1]?.prompt ?? [];
      // Providers refuse any other.
      expect(answer?.content[1]).toHaveProperty("input", {});
    });

    test("the client's own `stop` tells the server nothing", async () => {
      const { model, release, aborted } = waitingModel(spec);
      const server = chatServer({ model });
      const { chat, parts, finished } = openChat(version, server);
      const sent = chat.sendMessage({ text: "hi" });
      await expect.poll(parts).toEqual(["text streaming: a"]);
      await chat.stop();
      await sent;
      expect([chat.status, finished[0]?.["isAbort"]]).toEqual(["ready", true]);
      const late = new Promise((resolve) => setTimeout(resolve, 100, "alive"));
      expect(await Promise.race([aborted, late])).toBe("alive");
      const resumed = chat.resumeStream();
      release();
      await resumed;
      expect([chat.status, parts()]).toEqual(["ready", ["text done: ab"]]);
    });
  });
}
