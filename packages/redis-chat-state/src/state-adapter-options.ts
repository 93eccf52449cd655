import type { Logger } from "chat";
import type { OwnClient } from "./own-client.ts";
import type { QueueFormat } from "./queue-entry.ts";
import type { StateClient } from "./state-client.ts";

export interface StateAdapterOptions {
  /** What every key begins with; empty means the default, as in the other adapters. @default "chat-sdk" */
  keyPrefix?: string | undefined;
  /** What the tokens of this bot's locks begin with. @default "redis"; "ioredis" of `IoRedisStateAdapter` */
  tokenPrefix?: string | undefined;
  /** How queued messages are written: as TypeScript bots read them, or so that Python's do too. @default "typescript" */
  queueFormat?: QueueFormat | undefined;
  /** Told of what cannot be read, and of the client's errors. @default nobody */
  logger?: Logger | undefined;
  /** How long one command may take, in milliseconds. @default 5_000 */
  timeoutMs?: number | undefined;
  /** For how long a call waits for a Redis that cannot be reached, in milliseconds. @default 10_000 */
  retryForMs?: number | undefined;
  /** How long `connect` may take, in milliseconds. @default 10_000 */
  connectTimeoutMs?: number | undefined;
}

export interface RedisStateAdapterOptions extends StateAdapterOptions {
  /** Connected, or about to be. It stays yours: it is never opened, configured or closed. */
  client: StateClient;
}

/** What a kind of adapter is called, and a client of its own. */
export interface StateAdapterKind {
  name: string;
  tokenPrefix: string;
  own?: OwnClient | undefined;
}
