export type { Authorize } from "./authorize.ts";
export type { ChatMessage } from "./chat/chat-conversation.ts";
export { createChatHandler } from "./chat/create-chat-handler.ts";
export type {
  ChatAction,
  ChatHandlerOptions,
  ChatTurn,
  Generate,
} from "./chat/chat-handler-options.ts";
export type { ChatItem } from "./chat/to-ui-chunks.ts";
export { createStreamHandler } from "./stream/create-stream-handler.ts";
export type { Attachment, SentMessage } from "./stream/sent-message.ts";
export type { StreamAction } from "./stream/stream-action.ts";
export type { StreamHandlerOptions } from "./stream/stream-handler-options.ts";
