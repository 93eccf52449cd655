import { IoRedisStateAdapter } from "./io-redis-state-adapter.ts";
import { RedisStateAdapter } from "./redis-state-adapter.ts";
import type { RedisStateAdapterOptions } from "./state-adapter-options.ts";

/** @throws ChatStateError `INVALID_OPTION`, `UNSUPPORTED` */
export function createRedisState(options: RedisStateAdapterOptions): RedisStateAdapter {
  return new RedisStateAdapter(options);
}

/** @throws ChatStateError `INVALID_OPTION`, `UNSUPPORTED` */
export function createIoRedisState(options: RedisStateAdapterOptions): IoRedisStateAdapter {
  return new IoRedisStateAdapter(options);
}
