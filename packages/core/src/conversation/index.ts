export { ChatHistory } from "./chat-history.ts";
export type { ConversationStore } from "./conversation-store.ts";
export type { AnyMessage, ConversationMessage, HistoryNode } from "./history-node.ts";
export type { AppendMessageOptions } from "./new-node.ts";
