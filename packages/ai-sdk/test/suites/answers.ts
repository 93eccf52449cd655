import { MemoryStreamStore } from "@streambed/memory";
import { describe, expect, test } from "vitest";
import { createStreamHandler } from "../../src/index.ts";
import { eventsOf, get, linesOf, post } from "../support/client.ts";
import { USAGE, finishParts, scriptedModel, textParts } from "../support/scripted-model.ts";
import type { Part, Spec } from "../support/scripted-model.ts";

/** What reaches the reader of a model that does well. */
export function answers(spec: Spec): void {
  describe(`answers of a ${spec} model`, () => {
    const store = new MemoryStreamStore();
    const answer = async (parts: Part[]): Promise<Response> => {
      const handler = createStreamHandler({ model: scriptedModel(spec, parts).model, store });
      return post(handler, "/stream", { prompt: "hi" });
    };

    test("text, usage and done, with the seq of each as its id", async () => {
      // Providers hang metadata on deltas without text, and the AI SDK lets those pass.
      const providerMetadata = { some: { signature: "x" } };
      const response = await answer([
        ...textParts("Hel", ""),
        { type: "text-delta", id: "1", delta: "", providerMetadata },
        { type: "text-delta", id: "1", delta: "lo\n" },
        ...finishParts(),
      ]);
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
      const id = response.headers.get("x-stream-id");
      const usage = {
        inputTokens: 7,
        outputTokens: 5,
        reasoningTokens: 2,
        cachedInputTokens: 3,
        finishReason: "stop",
      };
      expect(await eventsOf(response)).toEqual([
        { lastEventId: "", event: "stream-id", data: id },
        { lastEventId: "1", event: "", data: "Hel" },
        { lastEventId: "2", event: "", data: "lo\n" },
        { lastEventId: "3", event: "usage", data: JSON.stringify(usage) },
        { lastEventId: "3", event: "done", data: "" },
      ]);
    });

    test("every position can be resumed from, and counts the usage once", async () => {
      const response = await answer([...textParts("a", "b", "c"), ...finishParts()]);
      const handler = createStreamHandler({ model: scriptedModel(spec, []).model, store });
      const id = response.headers.get("x-stream-id");
      const all = await eventsOf(response);
      for (let after = 0; after <= 4; after++) {
        const rest = await eventsOf(await get(handler, `/stream/resume?id=${id}&after=${after}`));
        const seqs = rest.filter(({ event }) => event === "" || event === "usage");
        expect(seqs).toEqual(all.slice(1 + after, 5));
        expect(rest.at(-1)?.event).toBe("done");
      }
    });

    test("reasoning, sources and files come as events of their own", async () => {
      const lines = await linesOf(
        await answer([
          { type: "stream-start", warnings: [] },
          { type: "reasoning-start", id: "r" },
          { type: "reasoning-delta", id: "r", delta: "hm\nso" },
          { type: "reasoning-end", id: "r" },
          { type: "source", sourceType: "url", id: "s", url: "https://a.test/", title: "A" },
          {
            type: "file",
            mediaType: "image/png",
            // The shape differs between the interfaces.
            data: (spec === "v3" ? "AAEC" : { type: "data", data: "AAEC" }) as never,
          },
          ...textParts("x").slice(1),
          ...finishParts(),
        ]),
      );
      expect(lines.slice(0, -2)).toEqual([
        "[reasoning] hm\nso",
        '[source] {"sourceType":"url","id":"s","url":"https://a.test/","title":"A"}',
        '[file] {"mediaType":"image/png","base64":"AAEC"}',
        "x",
      ]);
    });

    test("calls of the provider's own tools, their results and errors", async () => {
      const call = { toolName: "web_search", providerExecuted: true, dynamic: true } as const;
      const lines = await linesOf(
        await answer([
          { type: "stream-start", warnings: [] },
          { type: "tool-call", toolCallId: "c1", input: '{"q":"rain"}', ...call },
          { type: "tool-result", toolCallId: "c1", result: { hits: [1] }, ...call },
          { type: "tool-call", toolCallId: "c2", input: "{}", ...call },
          { type: "tool-result", toolCallId: "c2", isError: true, result: "no net", ...call },
          ...textParts("x").slice(1),
          ...finishParts(),
        ]),
      );
      expect(lines.slice(0, -2)).toEqual([
        '[tool_call] {"id":"c1","name":"web_search","args":{"q":"rain"}}',
        '[tool_result] {"id":"c1","name":"web_search","result":{"hits":[1]}}',
        '[tool_call] {"id":"c2","name":"web_search","args":{}}',
        '[tool_error] {"id":"c2","name":"web_search","error":"no net"}',
        "x",
      ]);
    });

    test("the model gets the prompt and the system text, and nothing of the request", async () => {
      const { model, calls } = scriptedModel(spec, [...textParts("x"), ...finishParts()]);
      const handler = createStreamHandler({ model, store });
      await linesOf(await post(handler, "/stream", { prompt: "why \ud800?", system: "be brief" }));
      expect(calls[0]?.prompt).toMatchObject([
        { role: "system", content: "be brief" },
        { role: "user", content: [{ type: "text", text: "why \ufffd?" }] },
      ]);
    });

    test("an answer cut by its token limit is done, and says so", async () => {
      const lines = await linesOf(await answer([...textParts("cu"), ...finishParts("length")]));
      expect(JSON.parse(lines[1]?.replace("[usage] ", "") ?? "")).toMatchObject({
        finishReason: "length",
      });
      expect(lines.at(-1)).toBe("[done]");
      expect(lines.join()).not.toContain("[error]");
    });

    test("a provider that counts nothing", async () => {
      const finish: Part = {
        type: "finish",
        finishReason: { unified: "stop", raw: "stop" },
        usage: {
          inputTokens: { ...USAGE.inputTokens, total: undefined, cacheRead: undefined },
          outputTokens: { ...USAGE.outputTokens, total: undefined, reasoning: undefined },
        },
      };
      const lines = await linesOf(await answer([...textParts("x"), finish]));
      expect(lines).toEqual(["x", '[usage] {"finishReason":"stop"}', "[done]"]);
    });

    test("a model that warns", async () => {
      const [, ...text] = textParts("x");
      const warnings = [{ type: "other" as const, message: "this is not supported" }];
      const lines = await linesOf(
        await answer([{ type: "stream-start", warnings }, ...text, ...finishParts()]),
      );
      expect(lines.at(0)).toBe("x");
    });

    test("a pair of surrogates cut between two tokens is one character again", async () => {
      const lines = await linesOf(
        await answer([...textParts("a\ud83d", "\ude00b"), ...finishParts()]),
      );
      expect(lines.slice(0, 2).join("")).toBe("a😀b");
    });
  });
}
