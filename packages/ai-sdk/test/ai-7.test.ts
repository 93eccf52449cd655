import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import * as ai from "ai";
import { expect, test } from "vitest";
import { answers } from "./suites/answers.ts";
import { failures } from "./suites/failures.ts";
import { lifetime } from "./suites/lifetime.ts";
import { providers } from "./suites/providers.ts";
import { messageLists } from "./suites/stream/message-lists.ts";
import { sessions } from "./suites/stream/sessions.ts";
import { structured } from "./suites/stream/structured.ts";
import { expectSilence } from "./support/silence.ts";

expectSilence();

test("this is AI SDK 7", () => {
  expect(ai).toHaveProperty("isStepCount");
});

for (const spec of ["v3", "v4"] as const) {
  answers(spec);
  failures(spec);
  lifetime(spec);
}
// Of the older kind of model they are seen with AI SDK 6.
sessions("v4");
structured("v4");
messageLists("v4");
providers(createOpenAICompatible);
