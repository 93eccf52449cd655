import { Chat } from "@ai-sdk/react";
import * as ai from "ai";
import { expect, test } from "vitest";
import { continuations } from "./suites/chat/continuations.ts";
import { endings } from "./suites/chat/endings.ts";
import { generations } from "./suites/chat/generations.ts";
import { resume } from "./suites/chat/resume.ts";
import { stops } from "./suites/chat/stops.ts";
import { turns } from "./suites/chat/turns.ts";
import { expectSilence } from "./support/silence.ts";

expectSilence();

test("this is AI SDK 7", () => {
  expect(ai).toHaveProperty("isStepCount");
});

const version = { Chat, spec: "v4" } as const;
resume(version);
endings(version);
stops(version);
turns(version);
continuations(version);
generations(version);
