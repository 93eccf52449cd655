import { toDriver } from "@streambed/redis-driver";
import type {
  IoredisClient,
  NodeRedisClient,
  ScriptDriver,
  UpstashClient,
} from "@streambed/redis-driver";
import { ChatStateError } from "./chat-state-error.ts";
import { toStateError } from "./to-state-error.ts";

/** The clients that run scripts: every one of ioredis, redis (node-redis) and @upstash/redis. */
export type StateClient = IoredisClient | NodeRedisClient | UpstashClient;

/** @throws ChatStateError `UNSUPPORTED` for a client that runs no scripts */
export function scriptDriver(client: StateClient): ScriptDriver {
  try {
    const driver = toDriver(client);
    if ("run" in driver) return driver;
  } catch (error) {
    throw toStateError(error, "UNSUPPORTED");
  }
  throw new ChatStateError(
    "UNSUPPORTED",
    "the state adapter needs a client that runs scripts: ioredis, redis (node-redis) or @upstash/redis",
  );
}
