import { StreamError } from "@streambed/core";
import { assertChatId } from "@streambed/core/store-kit";

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** What is left of a stream's id, 256 characters at most, in front of ":" and a UUID. */
const MAX_CHAT_ID = 219;

/** The id of a new stream of this chat: `<chatId>:<uuid>`. */
export function newChatStreamId(chatId: string): string {
  return `${chatId}:${crypto.randomUUID()}`;
}

/**
 * Whether it is a stream of this chat and of no other, by its id alone. Chats' ids may have a ":", and even
 * a UUID, in them: nothing but one UUID may be behind the chat's own.
 */
export function isStreamOfChat(streamId: string, chatId: string): boolean {
  const own = `${chatId}:`;
  return streamId.startsWith(own) && UUID.test(streamId.slice(own.length));
}

/** @throws StreamError `INVALID_ID` for what is no chat's id, or too long for its streams to have one */
export function assertShortChatId(chatId: string): void {
  assertChatId(chatId);
  if (chatId.length > MAX_CHAT_ID) {
    throw new StreamError("INVALID_ID", `a chat id has at most ${MAX_CHAT_ID} characters`);
  }
}
