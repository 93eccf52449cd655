export type { EightMethodClient, IoredisClient, RedisClient } from "./redis-client.ts";
export type { RedisDriver, RedisScript, ScriptReply, ScriptRunner } from "./redis-driver.ts";
export { isRefusal } from "./reply-error.ts";
export { toDriver } from "./to-driver.ts";
