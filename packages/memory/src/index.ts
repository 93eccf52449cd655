export { MemoryActiveStreams } from "./memory-active-streams.ts";
export type { MemoryActiveStreamsOptions } from "./memory-active-streams.ts";
export { MemoryConversationStore } from "./memory-conversation-store.ts";
export type { MemoryConversationStoreOptions } from "./memory-conversation-store.ts";
export { MemoryStreamStore } from "./memory-stream-store.ts";
export type { MemoryStreamStoreOptions } from "./memory-stream-store.ts";
