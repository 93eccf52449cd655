import type { NodeRedisClient } from "./redis-client.ts";
import type { RedisDriver } from "./redis-driver.ts";
import { isNoScript } from "./reply-error.ts";

/** node-redis gives back the bytes that were stored, so strings in replies need no mark. */
const NO_MARK = "";

export function isNodeRedis(client: object): client is NodeRedisClient {
  return "evalSha" in client && typeof client.evalSha === "function";
}

export function fromNodeRedis(client: NodeRedisClient): RedisDriver {
  return {
    async run(script, keys, args) {
      const options = { keys, arguments: [NO_MARK, ...args] };
      try {
        return (await client.evalSha(script.sha1, options)) as (number | string)[];
      } catch (error) {
        if (!isNoScript(error)) throw error;
        return (await client.eval(script.source, options)) as (number | string)[];
      }
    },
  };
}
