// The adapter with a client of its own: a changed import is the whole migration from `@chat-adapter/state-redis`.
import { createClient } from "redis";
import { bringsClient, redisUrl } from "./given-client.ts";
import { RedisStateAdapter as SharedStateAdapter } from "./redis-state-adapter.ts";
import type {
  RedisStateAdapterOptions as SharedOptions,
  StateAdapterOptions,
} from "./redis-state-adapter.ts";
import type { OwnClient } from "./state-connection.ts";

export interface RedisStateAdapterUrlOptions extends StateAdapterOptions {
  /** Where to connect, such as `redis://localhost:6379`. @default the environment variable `REDIS_URL` */
  url?: string | undefined;
}
export type RedisStateAdapterClientOptions = SharedOptions;
export type RedisStateAdapterOptions = RedisStateAdapterUrlOptions | RedisStateAdapterClientOptions;

/** @deprecated A name that the published adapter had first: `RedisStateAdapterClientOptions`. */
export type RedisStateClientOptions = RedisStateAdapterClientOptions;
/** @deprecated A name that the published adapter had first: `RedisStateAdapterOptions`. */
export type CreateRedisStateOptions = RedisStateAdapterOptions;

/** The same, which can also make its own client: opened by `connect`, closed by `disconnect`. */
export class RedisStateAdapter extends SharedStateAdapter {
  /** @throws ChatStateError `INVALID_OPTION`, `UNSUPPORTED` */
  constructor(options: RedisStateAdapterOptions = {}) {
    const kind = { name: "RedisStateAdapter", tokenPrefix: "redis" };
    if (bringsClient(options)) {
      super(options, kind);
      return;
    }
    const client = createClient({ url: redisUrl(options.url) });
    const { logger } = options;
    client.on("error", (error) => logger?.error("Redis client error", { error }));
    super({ ...options, client }, { ...kind, own: ownClient(client) });
  }
}

/** @throws ChatStateError `INVALID_OPTION`, `UNSUPPORTED` */
export function createRedisState(options: RedisStateAdapterOptions = {}): RedisStateAdapter {
  return new RedisStateAdapter(options);
}

/** What of a client is used here: its own type is one for each protocol and set of modules. */
interface Lifecycle {
  isOpen: boolean;
  isReady: boolean;
  connect(): Promise<unknown>;
  ping(): Promise<unknown>;
  destroy(): void;
}

function ownClient(client: Lifecycle): OwnClient {
  return {
    async open() {
      // It goes on trying by itself, for ever: whether it gets there in time, the first command tells.
      if (!client.isOpen) client.connect().catch(() => {});
    },
    settle: async () => client.isReady && client.ping(),
    async close() {
      if (client.isOpen) client.destroy();
    },
  };
}
