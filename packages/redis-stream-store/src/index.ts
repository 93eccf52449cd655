export { RedisActiveStreams } from "./redis-active-streams.ts";
export type { RedisActiveStreamsOptions } from "./redis-active-streams.ts";
export { RedisStreamStore } from "./redis-stream-store.ts";
export type { RedisStreamStoreOptions } from "./redis-stream-store.ts";
