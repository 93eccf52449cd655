// What a store of another layout is made of (redis-run-log). Not for users: it changes as those two need it.
export { BackedStreamStore } from "./backed-stream-store.ts";
export type { BackedStreamStoreOptions, BackendParts } from "./backed-stream-store.ts";
export { ScriptBackend } from "./script-backend.ts";
export type { StreamLayout } from "./stream-layout.ts";
