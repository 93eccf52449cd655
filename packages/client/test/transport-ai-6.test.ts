import * as ai from "ai";
import { Chat } from "ai-react6";
import { expect, test, vi } from "vitest";
import type { AnyChat } from "./transport/chat-page.ts";
import { cuts } from "./transport/cuts.ts";
import { ends } from "./transport/ends.ts";
import { races } from "./transport/races.ts";
import { stops } from "./transport/stops.ts";

// The transport's own import of "ai" is replaced as well, and the handler's.
vi.mock("ai", () => import("ai6"));

test("this is AI SDK 6", async () => {
  const { HttpChatTransport } = await import("ai6");
  expect(ai.HttpChatTransport).toBe(HttpChatTransport);
});

const Chat6 = Chat as unknown as AnyChat;
cuts(Chat6, 5);
ends(Chat6);
races(Chat6);
stops(Chat6);
