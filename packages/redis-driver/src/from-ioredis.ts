import type { IoredisClient } from "./redis-client.ts";
import type { RedisDriver } from "./redis-driver.ts";
import { isNoScript } from "./reply-error.ts";

/** ioredis gives back the bytes that were stored, so strings in replies need no mark. */
const NO_MARK = "";

export function isIoredis(client: object): client is IoredisClient {
  return (
    "evalsha" in client &&
    typeof client.evalsha === "function" &&
    "defineCommand" in client &&
    typeof client.defineCommand === "function"
  );
}

export function fromIoredis(client: IoredisClient): RedisDriver {
  return {
    async run(script, keys, args) {
      const all = [...keys, NO_MARK, ...args];
      try {
        return (await client.evalsha(script.sha1, keys.length, ...all)) as (number | string)[];
      } catch (error) {
        if (!isNoScript(error)) throw error;
        return (await client.eval(script.source, keys.length, ...all)) as (number | string)[];
      }
    },
  };
}
