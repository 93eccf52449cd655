export { SqliteStreamStore } from "./sqlite-stream-store.ts";
export type { SqliteStreamStoreOptions } from "./sqlite-stream-store.ts";
