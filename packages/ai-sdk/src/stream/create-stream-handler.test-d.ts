import type { RequestHandler, StreamStore } from "@streambed/core";
import type { ConversationStore } from "@streambed/core/conversation";
import type { LanguageModel as LanguageModel7, ToolSet } from "ai";
import type { LanguageModel as LanguageModel6 } from "ai6";
import { expectTypeOf, test } from "vitest";
import { createStreamHandler } from "../index.ts";
import type { Authorize, StreamHandlerOptions } from "../index.ts";

declare const store: StreamStore;
declare const model7: LanguageModel7;
declare const model6: LanguageModel6;
declare const conversations: ConversationStore;
declare const tools7: ToolSet;

test("models of AI SDK 6 and 7", () => {
  expectTypeOf(createStreamHandler({ model: model7, store })).toEqualTypeOf<RequestHandler>();
  expectTypeOf(createStreamHandler({ model: model6, store })).toEqualTypeOf<RequestHandler>();
  createStreamHandler({ models: { seven: model7, six: model6 }, store, resumable: true });
  createStreamHandler({ model: "anthropic/claude-sonnet-4.5", store });
});

test("conversations, and tools", () => {
  createStreamHandler({
    model: model7,
    store,
    conversation: { store: conversations, maxMessages: 20, compactSystemPrompt: "Be brief." },
    toolsets: { search: tools7 },
  });
});

test("what cannot work is refused", () => {
  // @ts-expect-error neither a model nor a store
  createStreamHandler({});
  // @ts-expect-error no store
  createStreamHandler({ model: model7 });
  // @ts-expect-error no model
  createStreamHandler({ store });
  // @ts-expect-error either, not both
  createStreamHandler({ store, model: model7, models: { a: model7 } });
  // @ts-expect-error every answer is stored
  createStreamHandler({ store, model: model7, resumable: false });
  // @ts-expect-error not a model
  createStreamHandler({ store, model: {} });
  // @ts-expect-error a hook has to say whether
  createStreamHandler({ store, model: model7, authorize: () => {} });
  // @ts-expect-error a store of streams keeps no conversations
  createStreamHandler({ store, model: model7, conversation: { store } });
  // @ts-expect-error no such option
  createStreamHandler({ store, model: model7, prefx: "/api" });
});

test("options are told apart by what they have", () => {
  expectTypeOf<{ store: StreamStore }>().not.toExtend<StreamHandlerOptions>();
  expectTypeOf<Parameters<Authorize>[1]["type"]>().toEqualTypeOf<
    "start" | "structured" | "chat" | "compact" | "complete" | "title" | "resume" | "stop"
  >();
});
