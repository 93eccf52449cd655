import { RedisStateAdapter } from "./redis-state-adapter.ts";
import type { RedisStateAdapterOptions, StateAdapterKind } from "./state-adapter-options.ts";

/** The same, with tokens that begin with `ioredis`, as those of `@chat-adapter/state-ioredis` do. */
export class IoRedisStateAdapter extends RedisStateAdapter {
  /** @throws ChatStateError `INVALID_OPTION`, `UNSUPPORTED` */
  constructor(
    options: RedisStateAdapterOptions,
    kind: StateAdapterKind = { name: "IoRedisStateAdapter", tokenPrefix: "ioredis" },
  ) {
    super(options, kind);
  }
}
