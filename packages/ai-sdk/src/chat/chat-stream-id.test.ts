import { StreamError } from "@streambed/core";
import { isStreamId } from "@streambed/core/store-kit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { assertShortChatId, isStreamOfChat, newChatStreamId } from "./chat-stream-id.ts";

const UUID = "0b3f1c58-7c1e-4a55-9d0e-2f6f3f1d2a10";
/** Chats' ids, many of them with a ":" or a UUID inside. */
const anyChatId = fc
  .array(fc.constantFrom("a", "b", ":", "-", ".", UUID, `:${UUID}`), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.join(""));

test("a new stream is one of its chat, and of no other", () => {
  fc.assert(
    fc.property(anyChatId, anyChatId, (chatId, other) => {
      const streamId = newChatStreamId(chatId);
      expect(isStreamId(streamId)).toBe(true);
      expect(isStreamOfChat(streamId, chatId)).toBe(true);
      expect(isStreamOfChat(streamId, other)).toBe(other === chatId);
    }),
  );
});

test("no two are the same", () => {
  expect(newChatStreamId("c")).not.toBe(newChatStreamId("c"));
});

test.each([
  ["that of another chat", `d:${UUID}`, "c"],
  ["that of one with this one's id before a colon", `c:d:${UUID}`, "c"],
  ["that of one with a UUID in its id", `c:${UUID}:${UUID}`, "c"],
  ["that of one with this one's id at its end", `d:c:${UUID}`, "c"],
  ["a UUID alone", UUID, "c"],
  ["a UUID alone, of a chat that is its beginning", UUID, UUID.slice(0, 8)],
  ["nothing behind the colon", "c:", "c"],
  ["the chat's own id", "c", "c"],
  ["nothing", "", "c"],
  ["a shorter one", `c:${UUID.slice(1)}`, "c"],
  ["a longer one", `c:${UUID}0`, "c"],
  ["one with a line's end", `c:${UUID}\n`, "c"],
  ["one with a line before", `c:\n${UUID}`, "c"],
  ["one in capitals", `c:${UUID.toUpperCase()}`, "c"],
  ["one without hyphens", `c:${UUID.replaceAll("-", "")}`, "c"],
  ["one with other letters", `c:${UUID.replace("b", "g")}`, "c"],
  ["another separator", `c.${UUID}`, "c"],
  ["a chat with a dot for any character", `cxd:${UUID}`, "c.d"],
])("%s is none", (_, streamId, chatId) => {
  expect(isStreamOfChat(streamId, chatId)).toBe(false);
});

test("the longest id of a chat leaves just enough room", () => {
  const longest = "c".repeat(219);
  expect(() => assertShortChatId(longest)).not.toThrow();
  expect(newChatStreamId(longest)).toHaveLength(256);
  expect(isStreamId(newChatStreamId(longest))).toBe(true);
});

test.each(["", "a b", "é", "c".repeat(220), "c".repeat(256), "c".repeat(257)])(
  "%j is no chat's id",
  (chatId) => {
    let thrown: unknown;
    try {
      assertShortChatId(chatId);
    } catch (error) {
      thrown = error;
    }
    expect(StreamError.is(thrown, "INVALID_ID")).toBe(true);
  },
);
