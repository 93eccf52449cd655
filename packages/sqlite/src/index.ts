export { SqliteActiveStreams } from "./sqlite-active-streams.ts";
export type { SqliteActiveStreamsOptions } from "./sqlite-active-streams.ts";
export { SqliteConversationStore } from "./sqlite-conversation-store.ts";
export type { SqliteConversationStoreOptions } from "./sqlite-conversation-store.ts";
export { SqliteStreamStore } from "./sqlite-stream-store.ts";
export type { SqliteStreamStoreOptions } from "./sqlite-stream-store.ts";
