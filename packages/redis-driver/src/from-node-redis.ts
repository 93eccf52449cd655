import { StreamError } from "@streambed/core/contracts";
import { isResp3, nodeRedisPubSub } from "./pub-sub.ts";
import type { NodeRedisSubscriber, PubSub } from "./pub-sub.ts";
import type { NodeRedisClient } from "./redis-client.ts";
import type { ScriptDriver, ScriptReply } from "./redis-driver.ts";
import { isNoScript } from "./reply-error.ts";

/** node-redis gives back the bytes that were stored, so strings in replies need no mark. */
const NO_MARK = "";

export function isNodeRedis(client: object): client is NodeRedisClient {
  return "evalSha" in client && typeof client.evalSha === "function";
}

export function fromNodeRedis(client: NodeRedisClient): ScriptDriver {
  const isCluster = "slots" in client;
  const isSentinel = "getSentinelNode" in client;
  return {
    isCluster,
    isRest: false,
    pubSub: pubSubOf(client, isCluster || isSentinel),
    async run(script, keys, args) {
      if ("isOpen" in client && client.isOpen === false) throw notConnected();
      const options = { keys, arguments: [NO_MARK, ...args] };
      try {
        return (await client.evalSha(script.sha1, options)) as ScriptReply;
      } catch (error) {
        if (!isNoScript(error)) throw error;
        return (await client.eval(script.source, options)) as ScriptReply;
      }
    },
  };
}

/** Cluster and Sentinel clients open connections of their own for messages; a pool cannot subscribe. */
function pubSubOf(client: object, hasOwnConnection: boolean): PubSub | undefined {
  if (!("subscribe" in client) || typeof client.subscribe !== "function") return undefined;
  const single = client as NodeRedisSubscriber & { sendCommand(args: string[]): Promise<unknown> };
  const speaksResp3 = async (): Promise<boolean> => isResp3(await single.sendCommand(["HELLO"]));
  return nodeRedisPubSub(single, hasOwnConnection ? undefined : speaksResp3);
}

function notConnected(): StreamError {
  return new StreamError(
    "UNSUPPORTED",
    "this node-redis client is not connected: await client.connect() first",
  );
}
