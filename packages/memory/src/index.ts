export { MemoryStreamStore } from "./memory-stream-store.ts";
export type { MemoryStreamStoreOptions } from "./memory-stream-store.ts";
