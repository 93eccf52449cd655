// The adapter with a client of its own: a changed import is the whole migration from `@chat-adapter/state-redis`.
import { createClient } from "redis";
import type { RedisClientType } from "redis";
import { redisUrl } from "./given-client.ts";
import type { OwnClient } from "./own-client.ts";
import { RedisStateAdapter as SharedStateAdapter } from "./redis-state-adapter.ts";
import type {
  RedisStateAdapterOptions as SharedOptions,
  StateAdapterOptions,
} from "./state-adapter-options.ts";

export interface RedisStateAdapterUrlOptions extends StateAdapterOptions {
  /** Where to connect, such as `redis://localhost:6379`. @default the environment variable `REDIS_URL` */
  url?: string | undefined;
  client?: undefined;
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
    if (options.client) {
      super(options, kind);
      return;
    }
    const client = createClient({ url: redisUrl(options.url) });
    // What it says once it is closed concerns nobody, and would end the process.
    client.on("error", () => {});
    super({ ...options, client }, { ...kind, own: ownClient(client) });
  }

  /** The client that was given, or its own. One that `createClient` has not made, such as a cluster, is only typed so. */
  override getClient(): RedisClientType {
    return super.getClient() as RedisClientType;
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
