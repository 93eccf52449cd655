export { RedisStreamStore } from "./redis-stream-store.ts";
export type { RedisStreamStoreOptions } from "./redis-stream-store.ts";
