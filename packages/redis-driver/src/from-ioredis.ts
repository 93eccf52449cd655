import { StreamError } from "@streambed/core/contracts";
import { ioredisPubSub, isResp3 } from "./pub-sub.ts";
import type { IoredisClient } from "./redis-client.ts";
import type { ScriptDriver, ScriptReply } from "./redis-driver.ts";
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

export function fromIoredis(client: IoredisClient): ScriptDriver {
  const isCluster = "isCluster" in client && client.isCluster === true;
  return {
    isCluster,
    isRest: false,
    // A cluster client opens a connection of its own for messages.
    pubSub: ioredisPubSub(
      client,
      isCluster ? undefined : async () => isResp3(await client.call("HELLO")),
    ),
    async run(script, keys, args) {
      const all = [...keys, NO_MARK, ...args];
      try {
        return (await client.evalsha(script.sha1, keys.length, ...all)) as ScriptReply;
      } catch (error) {
        if (!isNoScript(error)) throw explained(error);
        return (await client.eval(script.source, keys.length, ...all)) as ScriptReply;
      }
    },
  };
}

function explained(error: unknown): unknown {
  if (!(error instanceof Error) || !error.message.includes("subscriber mode")) return error;
  return new StreamError(
    "UNSUPPORTED",
    "this ioredis client is subscribed, and on RESP2 it takes no commands then: pass another client (or ioredis 6, which speaks RESP3)",
    { cause: error },
  );
}
