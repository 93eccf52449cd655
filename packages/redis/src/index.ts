export { RedisConversationStore } from "@streambed/redis-conversation-store";
export type { RedisConversationStoreOptions } from "@streambed/redis-conversation-store";
export type { RedisClient } from "@streambed/redis-driver";
export { RedisActiveStreams, RedisStreamStore } from "@streambed/redis-stream-store";
export type {
  RedisActiveStreamsOptions,
  RedisStreamStoreOptions,
} from "@streambed/redis-stream-store";
