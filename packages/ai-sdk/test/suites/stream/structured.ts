import { MemoryConversationStore, MemoryStreamStore } from "@streambed/memory";
import { describe, expect, test, vi } from "vitest";
import { createStreamHandler } from "../../../src/index.ts";
import { eventsOf, get, linesOf, post } from "../../support/client.ts";
import { finishParts, scriptedModel, textParts, USAGE } from "../../support/scripted-model.ts";
import type { Spec } from "../../support/scripted-model.ts";

const SCHEMA = {
  type: "object",
  properties: { name: { type: "string" }, age: { type: "number" } },
  required: ["name", "age"],
};

/** Objects that grow, over `/structured`. */
export function structured(spec: Spec): void {
  describe(`structured answers of a ${spec} model`, () => {
    function serve(...texts: string[]) {
      const scripted = scriptedModel(spec, [...textParts(...texts), ...finishParts()]);
      const store = new MemoryStreamStore();
      const conversations = new MemoryConversationStore();
      const conversation = { store: conversations };
      const handler = createStreamHandler({ model: scripted.model, store, conversation });
      const ask = (body: object): Promise<Response> =>
        post(handler, "/structured", { prompt: "Who?", ...body });
      return { ask, handler, conversations, calls: scripted.calls };
    }

    test("partial objects, the whole one, and usage, each with its seq", async () => {
      const { ask, handler, calls } = serve('{"name":', '"Ada', '","ag', 'e":36}');
      const response = await ask({ schema: SCHEMA });
      const events = (await eventsOf(response)).slice(1);
      expect(events.map(({ event, data, lastEventId }) => [lastEventId, event, data])).toEqual([
        ["1", "partial", "{}"],
        ["2", "partial", '{"name":"Ada"}'],
        ["3", "partial", '{"name":"Ada","age":36}'],
        ["4", "data", '{"name":"Ada","age":36}'],
        ["5", "usage", expect.stringContaining('"outputTokens":5')],
        ["5", "done", ""],
      ]);
      expect(calls[0]?.responseFormat).toMatchObject({ type: "json", schema: SCHEMA });

      const id = response.headers.get("x-stream-id");
      const rest = await linesOf(await get(handler, `/stream/resume?id=${id}&after=3`));
      expect(rest[0]).toBe('[data] {"name":"Ada","age":36}');
    });

    test("without a schema any JSON will do", async () => {
      const { ask, calls } = serve("[1,", "2]");
      expect(await linesOf(await ask({}))).toContain("[data] [1,2]");
      expect(calls[0]?.responseFormat).toMatchObject({ type: "json" });
    });

    test("what is no JSON is an error, after what there was", async () => {
      const lines = await linesOf(await serve('{"name":"A').ask({ schema: SCHEMA }));
      expect(lines.at(-2)).toMatch(/^\[error\] the model's answer is no JSON: /);
      expect(lines).toContain('[partial] {"name":"A"}');
    });

    test("of a large object the partial ones together stay within 70 times its size", async () => {
      // Large enough that parsing all of it at every token would never end.
      const items = Array.from({ length: 20_000 }, (_, i) => `"item ${i}"`);
      const texts = items.map((item, i) => (i === 0 ? `[${item}` : `,${item}`));
      const events = await eventsOf(await serve(...texts, "]").ask({}));
      const size = events.find(({ event }) => event === "data")!.data.length;
      const partial = events.filter(({ event }) => event === "partial");
      const all = partial.reduce((sum, { data }) => sum + data.length, 0);
      expect(all).toBeLessThan(size * 70);
      expect(partial.length).toBeGreaterThan(200);
    });

    test.each([
      ["a fence", ["```json\n", '{"a":', "1}", "\n```\n"]],
      ["a fence without a language", ["```\n{", '"a":1}\n```']],
      ["white space", ["\n ", '{"a":1}', " \n"]],
    ])("%s around it is taken off", async (_, texts) => {
      const lines = await linesOf(await serve(...texts).ask({ schema: SCHEMA }));
      expect(lines).toContain('[data] {"a":1}');
      expect(lines[0]).toMatch(/^\[partial\] \{/);
    });

    test("numbers come as the model wrote them", async () => {
      const text = '{"id":12345678901234567890,"big":1e400}';
      expect(await linesOf(await serve(text).ask({}))).toContain(`[data] ${text}`);
    });

    test("one that was cut off at the token limit is an error that says so, with its usage", async () => {
      const parts = [...textParts('{"a":"b'), ...finishParts("length")];
      const { model } = scriptedModel(spec, parts);
      const handler = createStreamHandler({ model, store: new MemoryStreamStore() });
      const lines = await linesOf(await post(handler, "/structured", { prompt: "x" }));
      expect(lines).toEqual([
        '[partial] {"a":"b"}',
        expect.stringContaining('"finishReason":"length"'),
        "[error] the model's answer is no JSON: it reached its token limit",
        "[done]",
      ]);
    });

    test("a model without tools that makes up a call is called once", async () => {
      const { model, calls } = scriptedModel(spec, [
        { type: "stream-start", warnings: [] },
        ...textParts('{"a":1}').slice(1),
        { type: "text-end", id: "1" },
        { type: "tool-call", toolCallId: "t", toolName: "nope", input: "{}" },
        {
          type: "finish",
          finishReason: { unified: "tool-calls", raw: "tool_calls" },
          usage: USAGE,
        },
      ]);
      const handler = createStreamHandler({ model, store: new MemoryStreamStore() });
      for (const route of ["/structured", "/stream"]) {
        await linesOf(await post(handler, route, { prompt: "x" }));
      }
      expect(calls).toHaveLength(2);
    });

    test("a key like __proto__ is a key", async () => {
      const { ask } = serve('{"__proto__":{"polluted":true}}');
      const schema = JSON.parse('{"type":"object","properties":{"__proto__":{}}}') as object;
      expect(await linesOf(await ask({ schema }))).toContain(
        '[data] {"__proto__":{"polluted":true}}',
      );
      expect({}).not.toHaveProperty("polluted");
    });

    test("a session keeps the object", async () => {
      const { ask, conversations } = serve('{"a":', "1}");
      await linesOf(await ask({ sessionId: "s" }));
      await vi.waitFor(async () =>
        expect((await conversations.load("s")).messages).toEqual([
          { role: "user", content: "Who?" },
          { role: "assistant", content: '{"a":1}' },
        ]),
      );
    });
  });
}
