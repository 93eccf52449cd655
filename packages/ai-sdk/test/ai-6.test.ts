import { MemoryStreamStore } from "@streambed/memory";
import * as ai from "ai";
import { createOpenAICompatible } from "openai-compatible6";
import { expect, test, vi } from "vitest";
import { createStreamHandler } from "../src/index.ts";
import { answers } from "./suites/answers.ts";
import { failures } from "./suites/failures.ts";
import { lifetime } from "./suites/lifetime.ts";
import { providers } from "./suites/providers.ts";
import { messageLists } from "./suites/stream/message-lists.ts";
import { sessions } from "./suites/stream/sessions.ts";
import { structured } from "./suites/stream/structured.ts";
import { linesOf, post } from "./support/client.ts";
import { finishParts, scriptedModel, textParts } from "./support/scripted-model.ts";
import { expectSilence } from "./support/silence.ts";

// The handler's own import of "ai" is replaced as well.
vi.mock("ai", () => import("ai6"));

expectSilence();

test("this is AI SDK 6", async () => {
  const { streamText } = await import("ai6");
  expect(ai.streamText).toBe(streamText);
  // Nor does the handler use another one: AI SDK 6 knows no v4 models.
  const { model } = scriptedModel("v4", [...textParts("a"), ...finishParts()]);
  const handler = createStreamHandler({ model, store: new MemoryStreamStore() });
  expect(await linesOf(await post(handler, "/stream", { prompt: "hi" }))).toEqual([
    expect.stringMatching(/^\[error\] Unsupported model version v4/),
    "[done]",
  ]);
});

answers("v3");
failures("v3");
lifetime("v3");
sessions("v3");
structured("v3");
messageLists("v3");
providers(createOpenAICompatible);
