import { MemoryStreamStore } from "@streambed/memory";
import { describe, expect, test } from "vitest";
import { createStreamHandler } from "../../src/index.ts";
import type { StreamHandlerOptions } from "../../src/index.ts";
import { linesOf, post } from "../support/client.ts";
import {
  failingModel,
  finishParts,
  scriptedModel,
  textParts,
  untilAborted,
} from "../support/scripted-model.ts";
import type { Part, ScriptedModel, Spec } from "../support/scripted-model.ts";

const circular: { self?: unknown } = {};
circular.self = circular;

/** No failure of a model may look like a clean end. */
export function failures(spec: Spec): void {
  describe(`failures of a ${spec} model`, () => {
    const store = new MemoryStreamStore();

    /** The lines of an answer whose stream must have been stored as an error. */
    async function failed(
      model: ScriptedModel["model"],
      options: Partial<StreamHandlerOptions> = {},
    ): Promise<string[]> {
      const handler = createStreamHandler({ model, store, ...options } as StreamHandlerOptions);
      const response = await post(handler, "/stream", { prompt: "hi" });
      expect(response.status).toBe(200);
      const lines = await linesOf(response);
      const status = await store.getStatus(response.headers.get("x-stream-id") ?? "");
      expect(status).toMatchObject({ state: "error" });
      expect(lines.slice(-2)).toEqual([`[error] ${status?.error}`, "[done]"]);
      return lines.slice(0, -1);
    }
    const failedParts = (parts: Part[]): Promise<string[]> =>
      failed(scriptedModel(spec, parts).model);

    test.each([
      ["an error", new Error("boom"), "boom"],
      ["a string", "boom", "boom"],
      ["an object with a message", { code: 7, message: "boom" }, "boom"],
      ["an object without one", { code: 7 }, '{"code":7}'],
      ["an object that is no JSON", circular, "the model failed without saying why"],
      ["a long story", new Error("x".repeat(9_999)), `${"x".repeat(2_000)}…`],
      ["nothing", undefined, "the model failed without saying why"],
      ["an error without text", new TypeError(), "TypeError"],
      [
        "an error with a status and no text",
        Object.assign(new Error(""), { name: "AI_APICallError", statusCode: 502 }),
        "the model's provider answered 502",
      ],
      [
        "a bare error with telling causes",
        new Error("it broke", {
          cause: new TypeError("terminated", { cause: new Error("other side closed") }),
        }),
        "it broke: terminated: other side closed",
      ],
    ])("an error part with %s", async (_, error, text) => {
      const lines = await failedParts([...textParts("a", "b"), { type: "error", error }]);
      expect(lines).toEqual(["a", "b", `[error] ${text}`]);
    });

    test("an error part ends the answer there and then, and the call to the model", async () => {
      let aborted = Promise.resolve();
      const { model } = scriptedModel(spec, async function* ({ abortSignal }) {
        aborted = untilAborted(abortSignal).catch(() => {});
        yield* textParts("a");
        yield { type: "error", error: new Error("boom") };
        await aborted;
      });
      expect(await failed(model)).toEqual(["a", "[error] boom"]);
      await aborted;
    });

    test("a stream that breaks", async () => {
      const { model } = scriptedModel(spec, function* () {
        yield* textParts("a");
        throw new Error("socket hang up");
      });
      expect(await failed(model)).toEqual(["a", "[error] socket hang up"]);
    });

    test("a stream that just ends", async () => {
      const unfinished = "[error] the model's stream ended without finishing";
      expect(await failedParts(textParts("a", "b"))).toEqual(["a", "b", unfinished]);
      // What providers make of a connection that was closed between two tokens.
      const unsaid: Part = {
        ...(finishParts()[1] as Extract<Part, { type: "finish" }>),
        finishReason: { unified: "other", raw: undefined },
      };
      expect(await failedParts([...textParts("a"), unsaid])).toEqual(["a", unfinished]);
    });

    test("a stream without anything in it", async () => {
      const [line, ...more] = await failedParts([]);
      expect(line).toContain("No output generated");
      expect(more).toEqual([]);
    });

    test("a model that finishes with an error", async () => {
      const lines = await failedParts([...textParts("a"), ...finishParts("error", "overloaded")]);
      expect(lines.at(-1)).toBe("[error] the model failed: overloaded");
    });

    test("an answer withheld by a content filter", async () => {
      const lines = await failedParts([...textParts("a"), ...finishParts("content-filter")]);
      expect(lines[0]).toBe("a");
      expect(lines[1]).toContain('"finishReason":"content-filter"');
      expect(lines[2]).toBe("[error] the provider's content filter cut the answer off");
    });

    test("a call that fails", async () => {
      const { model, calls } = failingModel(spec, () => new Error("no such deployment"));
      expect(await failed(model)).toEqual(["[error] no such deployment"]);
      expect(calls).toHaveLength(1);
    });

    test("a model that this AI SDK does not know", async () => {
      const { model } = scriptedModel("v9" as Spec, []);
      expect((await failed(model)).join()).toContain("v9");
    });

    test("an event that does not fit into the store", async () => {
      const data = "A".repeat(1_400_000);
      const file = spec === "v3" ? data : { type: "data", data };
      const [last, ...before] = (
        await failedParts([
          ...textParts("a"),
          { type: "file", mediaType: "image/png", data: file as never },
          ...finishParts(),
        ])
      ).reverse();
      expect(before.every((line) => line === "a")).toBe(true);
      expect(last).toMatch(/maxChunkBytes/);
    });

    test("`describeError` says what readers get", async () => {
      const error = Object.assign(new Error("key sk-123 is wrong"), { statusCode: 401 });
      const lines = await failed(failingModel(spec, () => error).model, {
        describeError: (seen) => (seen === error ? "the model is not available" : "?"),
      });
      expect(lines).toEqual(["[error] the model is not available"]);
    });
  });
}
