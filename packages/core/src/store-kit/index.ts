export { assertFits, toBatch, utf8Length } from "./batch.ts";
export type { Batch } from "./batch.ts";
export { followStream } from "./follow-stream.ts";
export type { FollowedStream, StreamPage } from "./follow-stream.ts";
export { sleep, unref } from "./sleep.ts";
export {
  assertAppendOptions,
  assertChatId,
  assertCreateOptions,
  assertCursor,
  assertPositiveInteger,
  assertSetActiveOptions,
  assertStreamId,
  assertText,
  isStreamId,
  resolveLimits,
} from "./validate.ts";
