// The adapter with a client of its own: a changed import is the whole migration from `@chat-adapter/state-ioredis`.
import { Redis } from "ioredis";
import { bringsClient, redisUrl } from "./given-client.ts";
import { IoRedisStateAdapter as SharedStateAdapter } from "./io-redis-state-adapter.ts";
import type { OwnClient } from "./own-client.ts";
import type { RedisStateAdapterOptions, StateAdapterOptions } from "./state-adapter-options.ts";

export interface IoRedisStateAdapterUrlOptions extends StateAdapterOptions {
  /** Where to connect, such as `redis://localhost:6379`. @default the environment variable `REDIS_URL` */
  url?: string | undefined;
}
export type IoRedisStateAdapterClientOptions = RedisStateAdapterOptions;
export type IoRedisStateAdapterOptions =
  | IoRedisStateAdapterUrlOptions
  | IoRedisStateAdapterClientOptions;

/** @deprecated The name that the published adapter had first: `IoRedisStateAdapterClientOptions`. */
export type IoRedisStateClientOptions = IoRedisStateAdapterClientOptions;

/** The same, which can also make its own client: opened by `connect`, closed by `disconnect`. */
export class IoRedisStateAdapter extends SharedStateAdapter {
  /** @throws ChatStateError `INVALID_OPTION`, `UNSUPPORTED` */
  constructor(options: IoRedisStateAdapterOptions = {}) {
    const kind = { name: "IoRedisStateAdapter", tokenPrefix: "ioredis" };
    if (bringsClient(options)) {
      super(options, kind);
      return;
    }
    const client = new Redis(redisUrl(options.url), { lazyConnect: true });
    super({ ...options, client }, { ...kind, own: ownClient(client) });
  }

  /** The client that was given, or its own. One that is no ioredis `Redis`, such as a `Cluster`, is only typed as one. */
  override getClient(): Redis {
    return super.getClient() as Redis;
  }
}

/** @throws ChatStateError `INVALID_OPTION`, `UNSUPPORTED` */
export function createIoRedisState(options: IoRedisStateAdapterOptions = {}): IoRedisStateAdapter {
  return new IoRedisStateAdapter(options);
}

function ownClient(client: Redis): OwnClient {
  let isWanted = false;
  const connect = (): void => void client.connect().catch(() => {});
  // Closed between two attempts to connect, it takes its next lost connection for one that was closed, too.
  client.on("end", () => {
    if (isWanted) connect();
  });
  return {
    async open() {
      isWanted = true;
      // It goes on trying by itself: whether it gets there in time, the first command tells.
      if (!["connecting", "connect", "ready"].includes(client.status)) connect();
    },
    settle: async () => client.status === "ready" && client.ping(),
    async close() {
      isWanted = false;
      // Between two attempts to connect it falls silent without an event.
      const isSilent = ["wait", "reconnecting", "end"].includes(client.status);
      const ended = isSilent || new Promise<void>((resolve) => client.once("end", resolve));
      client.disconnect();
      // Before that it cannot be opened again.
      await ended;
    },
  };
}
