export type { PubSub, RedisSubscriber } from "./pub-sub.ts";
export type {
  EightMethodClient,
  IoredisClient,
  NodeRedisClient,
  NodeRedisScriptOptions,
  RedisClient,
  UpstashClient,
} from "./redis-client.ts";
export type {
  PlainDriver,
  RedisDriver,
  RedisScript,
  ScriptDriver,
  ScriptReply,
  ScriptRunner,
} from "./redis-driver.ts";
export { isErrorReply, isRefusal } from "./reply-error.ts";
export { retry } from "./retry.ts";
export type { RetryOptions } from "./retry.ts";
export { checkedAtFirstUse } from "./server-check.ts";
export { toDriver, toPubSub, toShardedPubSub } from "./to-driver.ts";
