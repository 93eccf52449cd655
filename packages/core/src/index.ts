// The whole of core for users. Stores import `@streambed/core/contracts` and `/store-kit`, clients `/codec`.
export { cursorOf, fromChunk, toChunk } from "./codec/index.ts";
export type { StreamEvent } from "./codec/index.ts";
export { PRODUCER_LOST, StreamError } from "./contracts/index.ts";
export type {
  ActiveStreams,
  AppendOptions,
  CreateOptions,
  ReadOptions,
  SetActiveOptions,
  StreamChunk,
  StreamEnd,
  StreamErrorCode,
  StreamErrorOptions,
  StreamLimits,
  StreamState,
  StreamStatus,
  StreamStore,
} from "./contracts/index.ts";
export { ChatHistory } from "./conversation/index.ts";
export type {
  AnyMessage,
  AppendMessageOptions,
  ConversationMessage,
  ConversationStore,
  HistoryNode,
} from "./conversation/index.ts";
export { createDurableStream, resumeDurableStream, toErrorResponse } from "./engine/index.ts";
export type {
  CreateDurableStreamOptions,
  DurableStream,
  RequestContext,
  RequestHandler,
  ResumeDurableStreamOptions,
  SseEncoding,
  StreamSource,
} from "./engine/index.ts";
