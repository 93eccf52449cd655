export { assertFits, toBatch, utf8Length } from "./batch.ts";
export type { Batch } from "./batch.ts";
export { followStream } from "./follow-stream.ts";
export type { FollowedStream, StreamPage } from "./follow-stream.ts";
export { sleep, unref } from "./sleep.ts";
export { judgeWrite } from "./conversation-write.ts";
export type { ConversationWrite } from "./conversation-write.ts";
export { StoredConversations } from "./stored-conversations.ts";
export type { ConversationLimits, StoredJson } from "./stored-conversations.ts";
export {
  assertAppendOptions,
  assertChatId,
  assertCreateOptions,
  assertCursor,
  assertPositiveInteger,
  assertSessionId,
  assertSetActiveOptions,
  assertStreamId,
  assertText,
  isStreamId,
  resolveLimits,
} from "./validate.ts";
