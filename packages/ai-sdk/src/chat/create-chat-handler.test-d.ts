import type { ActiveStreams, RequestHandler, StreamStore } from "@streambed/core";
import { createUIMessageStream, streamText } from "ai";
import type { LanguageModel as LanguageModel7 } from "ai";
import type { LanguageModel as LanguageModel6 } from "ai6";
import { expectTypeOf, test } from "vitest";
import { createChatHandler } from "../index.ts";
import type { ChatAction, ChatTurn, Generate } from "../index.ts";

declare const store: StreamStore;
declare const active: ActiveStreams;
declare const model7: LanguageModel7;
declare const model6: LanguageModel6;
const authorize = (): boolean => true;
const common = { store, active, authorize };

test("models of AI SDK 6 and 7", () => {
  expectTypeOf(createChatHandler({ ...common, model: model7 })).toEqualTypeOf<RequestHandler>();
  expectTypeOf(createChatHandler({ ...common, model: model6 })).toEqualTypeOf<RequestHandler>();
  createChatHandler({ ...common, models: { seven: model7, six: model6 }, system: "be brief" });
  createChatHandler({ ...common, model: "anthropic/claude-sonnet-4.5", whenBusy: "take over" });
});

test("what cannot work is refused", () => {
  // @ts-expect-error no store
  createChatHandler({ active, authorize, model: model7 });
  // @ts-expect-error nowhere to keep which answer is under way
  createChatHandler({ store, authorize, model: model7 });
  // @ts-expect-error nobody to say who may
  createChatHandler({ store, active, model: model7 });
  // @ts-expect-error nothing that answers
  createChatHandler(common);
  // @ts-expect-error two that answer
  createChatHandler({ ...common, model: model7, generate: async function* () {} });
  // @ts-expect-error a hook has to say whether
  createChatHandler({ ...common, model: model7, authorize: () => {} });
  // @ts-expect-error no such option
  createChatHandler({ ...common, model: model7, prefix: "/api" });
});

test("what `generate` may hand in", () => {
  const accepts = (generate: Generate): unknown => createChatHandler({ ...common, generate });
  accepts(async function* ({ chatId, messages, signal }) {
    expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
    yield `${chatId} ${messages.length}`;
    yield new Uint8Array();
    yield { type: "data-place", data: 1 };
  });
  accepts(() => new ReadableStream<string>());
  accepts(async () => new ReadableStream<Uint8Array>());
  accepts(() => streamText({ model: model7, prompt: "hi" }).textStream);
  accepts(() => streamText({ model: model7, prompt: "hi" }).toUIMessageStream());
  accepts(() => createUIMessageStream({ execute: () => {} }));
  // @ts-expect-error all of it at once
  accepts(async () => "text");
  // @ts-expect-error neither text nor chunks
  accepts(async function* () {
    yield 1;
  });
  // @ts-expect-error the result has streams, and is none
  accepts(() => streamText({ model: model7, prompt: "hi" }));
});

test("what `authorize` sees", () => {
  expectTypeOf<ChatAction["type"]>().toEqualTypeOf<"send" | "resume" | "stop">();
  type Resume = Extract<ChatAction, { type: "resume" }>;
  expectTypeOf<Resume["streamId"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf<ChatTurn["trigger"]>().toEqualTypeOf<"submit-message" | "regenerate-message">();
});
