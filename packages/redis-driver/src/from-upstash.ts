import type { UpstashClient } from "./redis-client.ts";
import type { RedisDriver } from "./redis-driver.ts";
import { isNoScript } from "./reply-error.ts";

/**
 * Before every string in a reply. The client parses strings as JSON unless it is told not to, and takes
 * a leading U+FEFF for a byte order mark: behind a mark a string is neither.
 */
const MARK = "=";

export function isUpstash(client: object): client is UpstashClient {
  return (
    "evalsha" in client && typeof client.evalsha === "function" && !("defineCommand" in client)
  );
}

export function fromUpstash(client: UpstashClient): RedisDriver {
  return {
    async run(script, keys, args) {
      const marked = [MARK, ...args];
      let reply: unknown;
      try {
        reply = await client.evalsha(script.sha1, keys, marked);
      } catch (error) {
        if (!isNoScript(error)) throw error;
        reply = await client.eval(script.source, keys, marked);
      }
      return (reply as (number | string)[]).map((item) =>
        typeof item === "string" ? item.slice(MARK.length) : item,
      );
    },
  };
}
