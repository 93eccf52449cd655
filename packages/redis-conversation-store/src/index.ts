export { RedisConversationStore } from "./redis-conversation-store.ts";
export type { RedisConversationStoreOptions } from "./redis-conversation-store.ts";
