import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Part, Script } from "./fixtures/scripted-model.ts";
import { startServer } from "./support/servers.ts";
import type { TestServer } from "./support/servers.ts";
import { STORES } from "./support/stores.ts";
import type { SharedStore } from "./support/stores.ts";

const TOOL = { toolName: "search", providerExecuted: true, dynamic: true } as const;
const TOOL_PARTS: Part[] = [
  { type: "tool-call", toolCallId: "c1", input: '{"q":"rain\\r\\nid: 9"}', ...TOOL },
  { type: "tool-result", toolCallId: "c1", result: { hits: [1] }, ...TOOL },
  { type: "tool-call", toolCallId: "c2", input: "{}", ...TOOL },
  { type: "tool-result", toolCallId: "c2", isError: true, result: "no net", ...TOOL },
];
const RICH: Script = { think: ["hm\n", "so"], say: ["It ", "rains."], parts: TOOL_PARTS };

/** How a model can fail, and what its reader is to be told. */
const FAILURES: [what: string, script: Script, text: string | RegExp][] = [
  ["an error part", { say: ["a"], end: { error: "overloaded" } }, "overloaded"],
  ["an error part after reasoning", { think: ["hm"], end: { error: "no" } }, "no"],
  ["an error part at once", { end: { error: "401 bad key" } }, "401 bad key"],
  ["an error part of several lines", { end: { error: "a\r\nb\n\nevent: done\r" } }, /^a\r\nb\n/],
  ["a stream that breaks", { say: ["a"], end: { throw: "socket hang up" } }, "socket hang up"],
  ["a stream that just ends", { say: ["a"], end: "break off" }, /ended without finishing/],
  ["a call that is refused", { end: { refuse: "no such deployment" } }, "no such deployment"],
  ["an end for the reason error", { say: ["a"], end: { reason: "error" } }, /the model failed/],
  ["a content filter", { say: ["a"], end: { reason: "content-filter" } }, /content filter/],
];

describe.each(STORES)("what a model streams, on $name", ({ open }) => {
  let shared: SharedStore;
  let server: TestServer;
  beforeAll(async () => {
    shared = await open();
    server = await startServer(shared.env);
  });
  afterAll(async () => {
    for (const one of [server, shared]) await one?.[Symbol.asyncDispose]();
  });

  it.each(FAILURES)("reaches the reader as an error: %s", async (_, script, text) => {
    const reader = await server.start(script);
    expect(await reader.closed).toBe("complete");
    const status = await shared.store.getStatus(reader.id);
    expect(status).toMatchObject({ state: "error" });
    if (typeof text === "string") expect(status?.error).toBe(text);
    else expect(status?.error).toMatch(text);

    const late = await server.resume(reader.id);
    expect(await late.closed).toBe("complete");
    const said = [...(script.think ?? []), ...(script.say ?? [])];
    for (const { events, chunks } of [reader, late]) {
      expect(chunks.map(({ data }) => data).slice(0, said.length)).toEqual(said);
      expect(events.slice(-2).map(({ id, event, data }) => [id, event, data])).toEqual([
        [undefined, "error", status?.error],
        [undefined, "done", ""],
      ]);
      expect(events.filter(({ event }) => event === "error")).toHaveLength(1);
      expect(events.filter(({ event }) => event === "done")).toHaveLength(1);
    }
  });

  it("comes as text, reasoning, tool calls and usage, each with an id of its own", async () => {
    const reader = await server.start(RICH);
    expect(await reader.closed).toBe("complete");
    expect(reader.events.map(({ id, event, data }) => [id, event, data])).toEqual([
      [undefined, "stream-id", reader.id],
      ["1", "reasoning", "hm\n"],
      ["2", "reasoning", "so"],
      ["3", "", "It "],
      ["4", "", "rains."],
      ["5", "tool_call", '{"id":"c1","name":"search","args":{"q":"rain\\r\\nid: 9"}}'],
      ["6", "tool_result", '{"id":"c1","name":"search","result":{"hits":[1]}}'],
      ["7", "tool_call", '{"id":"c2","name":"search","args":{}}'],
      ["8", "tool_error", '{"id":"c2","name":"search","error":"no net"}'],
      ["9", "usage", expect.stringContaining('"inputTokens":7,"outputTokens":5')],
      [undefined, "done", ""],
    ]);
  });

  it("is read on from between any two of them, and the usage is counted once", async () => {
    const whole = await server.start(RICH);
    expect(await whole.closed).toBe("complete");
    const wire = whole.events.slice(1).map(({ raw }) => raw);
    for (let cut = 0; cut <= 9; cut++) {
      const first = await server.start(RICH, { cutAfter: cut });
      expect(await first.closed).toBe("cut");
      const rest = await server.resume(first.id, { lastEventId: cut });
      expect(await rest.closed).toBe("complete");
      const both = [...first.events.slice(1), ...rest.events.slice(1)];
      expect(both.map(({ raw }) => raw)).toEqual(wire);
    }
  });
});
