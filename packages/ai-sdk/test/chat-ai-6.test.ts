import * as ai from "ai";
import { Chat } from "ai-react6";
import { expect, test, vi } from "vitest";
import { continuations } from "./suites/chat/continuations.ts";
import { endings } from "./suites/chat/endings.ts";
import { generations } from "./suites/chat/generations.ts";
import { resume } from "./suites/chat/resume.ts";
import { stops } from "./suites/chat/stops.ts";
import { turns } from "./suites/chat/turns.ts";
import type { ChatVersion } from "./support/chat-client.ts";
import { expectSilence } from "./support/silence.ts";

// The handler's own import of "ai" is replaced as well.
vi.mock("ai", () => import("ai6"));

expectSilence();

test("this is AI SDK 6", async () => {
  const { streamText } = await import("ai6");
  expect(ai.streamText).toBe(streamText);
});

const version = { Chat: Chat as unknown as ChatVersion["Chat"], spec: "v3" } as const;
resume(version);
endings(version);
stops(version);
turns(version);
continuations(version);
generations(version);
