import { describe, expect, test } from "vitest";
import { endOf, isStopReason } from "./entry-meaning.ts";

describe("an entry ends its run", () => {
  test.each([
    "data: [DONE]\n\n",
    "data: [DONE]",
    "data:[DONE]\n\n",
    "data: [DONE] \t\n\n",
    "data: [DONE]\r\n\r\n",
    "data: [DONE]\r\r",
    "event: message\ndata: [DONE]\n\n",
    "id: 3\n: a comment\ndata: [DONE]\n\n",
  ])("as done: %j", (data) => {
    expect(endOf(data)).toEqual({ state: "done", error: "", entries: [data], markers: 1 });
  });

  test.each([
    ['event: error\ndata: {"error":{"message":"m"}}\n\n', "m"],
    ['event: error\ndata: {"error":{"message":"m","code":1}}', "m"],
    ['event: error\ndata: {"error":"m"}\n\n', "m"],
    ['event: error\ndata: {"message":"m"}\n\n', "m"],
    ['event: error\ndata: {"error":{"code":1}}\n\n', '{"error":{"code":1}}'],
    ['event: error\ndata: {"error":null,"message":"m"}\n\n', "m"],
    ['event: error\ndata: ["m"]\n\n', '["m"]'],
    ["event: error\ndata: two\ndata: lines\n\n", "two\nlines"],
    ["event: error\r\ndata: m\r\n\r\n", "m"],
    ["event:error\ndata:m\n\n", "m"],
    ["data: m\nevent: error\n\n", "m"],
    ["event: error", ""],
  ])("as an error: %j", (data, error) => {
    expect(endOf(data)).toEqual({ state: "error", error, entries: [data], markers: 1 });
  });

  test.each([
    ["data: a\n\ndata: [DONE]\n\n", "done", ""],
    ["data: [DONE]\n\ndata: b\n\n", "done", ""],
    ["data: a\n\nevent: error\ndata: m\n\n", "error", "m"],
    ["data: [DONE]\n\nevent: error\ndata: m\n\n", "error", "m"],
  ])("and is a chunk as well: %j", (data, state, error) => {
    expect(endOf(data)).toEqual({ state, error, entries: [data], markers: 0 });
  });

  test.each([
    "",
    "\n\n",
    "[DONE]",
    "error",
    'data: {"text":"data: [DONE]\\nevent: error"}\n\n',
    "data: event: error\n\n",
    "data: x [DONE]\n\n",
    "data: [DONE] x\n\n",
    "data:  [DONE]\n\n",
    "data: [DONE]\u2028\n\n",
    "data: \u2028[DONE]\n\n",
    "data: a\u2028data: [DONE]\n\n",
    "data: a\u0085event: error\u2029\n\n",
    "data: a\u000bevent: error\u000c\n\n",
    "data: a\ndata: [DONE]\n\n",
    "data: [DONE]\ndata: a\n\n",
    "event: errors\ndata: x\n\n",
    "event:  error\ndata: x\n\n",
    "event: ERROR\ndata: x\n\n",
    "event: note\ndata: [DONE]\n\n",
    "event: error\nevent: note\ndata: x\n\n",
    ": event: error\n: data: [DONE]\n\n",
    " data: [DONE]\n\n",
    " event: error\ndata: x\n\n",
    "id: [DONE]\ndata: x\n\n",
  ])("not at all: %j", (data) => {
    expect(endOf(data)).toBeUndefined();
  });
});

describe("a stop reason", () => {
  test.each([
    ['data: {"message_type":"stop_reason","stop_reason":"end_turn"}\n\n', true],
    ['data: {"stop_reason":"error","message_type":"stop_reason"}', true],
    ['data: a\n\nevent: x\ndata: {"message_type":"stop_reason","stop_reason":"e"}\n\n', true],
    ['data: {"message_type":"stop_reason","stop_reason":null}\n\n', false],
    ['data: {"message_type":"stop_reason","stop_reason":""}\n\n', false],
    ['data: {"message_type":"assistant_message","stop_reason":"end_turn"}\n\n', false],
    [
      'data: {"content":"{\\"message_type\\":\\"stop_reason\\",\\"stop_reason\\":\\"x\\"}"}\n\n',
      false,
    ],
    ['data: [{"message_type":"stop_reason","stop_reason":"x"}]\n\n', false],
    ["data: stop_reason\n\n", false],
    ["data: null stop_reason\n\n", false],
    ["", false],
  ])("in %j: %s", (data, is) => {
    expect(isStopReason(data)).toBe(is);
  });
});
