export type { Authorize, StreamAction } from "./authorize.ts";
export { createStreamHandler } from "./create-stream-handler.ts";
export type { StreamHandlerOptions } from "./stream-handler-options.ts";
export type { ChatMessage } from "./chat/chat-conversation.ts";
export { createChatHandler } from "./chat/create-chat-handler.ts";
export type {
  ChatAction,
  ChatHandlerOptions,
  ChatTurn,
  Generate,
} from "./chat/chat-handler-options.ts";
export type { ChatItem } from "./chat/to-ui-chunks.ts";
