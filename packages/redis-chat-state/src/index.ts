export { ChatStateError } from "./chat-state-error.ts";
export type { ChatStateErrorCode } from "./chat-state-error.ts";
export { createIoRedisState, createRedisState } from "./create-redis-state.ts";
export type { HeldLock } from "./held-lock.ts";
export { IoRedisStateAdapter } from "./io-redis-state-adapter.ts";
export type { LockOwner } from "./lock-token.ts";
export type { QueueFormat } from "./queue-entry.ts";
export { RedisStateAdapter } from "./redis-state-adapter.ts";
export type { RedisStateAdapterOptions, StateAdapterOptions } from "./redis-state-adapter.ts";
