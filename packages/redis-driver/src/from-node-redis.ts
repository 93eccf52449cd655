import { StreamError } from "@streambed/core/contracts";
import { NO_MARK } from "./marked-reply.ts";
import { isResp3, nodeRedisPubSub } from "./pub-sub.ts";
import type { NodeRedisSubscriber, PubSub } from "./pub-sub.ts";
import type { NodeRedisClient } from "./redis-client.ts";
import type { ScriptDriver, ScriptReply, ScriptRunner } from "./redis-driver.ts";
import { isNoScript } from "./reply-error.ts";

export function isNodeRedis(client: object): client is NodeRedisClient {
  return "evalSha" in client && typeof client.evalSha === "function";
}

export function fromNodeRedis(client: NodeRedisClient): ScriptDriver {
  const isCluster = "slots" in client;
  const isSentinel = "getSentinelNode" in client;
  const run = runnerOf(client);
  return {
    isCluster,
    isRest: false,
    keyPrefix: prefixOf(client),
    run,
    async nodes() {
      if (!hasMasters(client)) return [run];
      const nodes = await Promise.all(
        client.masters.map(async (master) => client.nodeClient(master)),
      );
      return nodes.map(runnerOf);
    },
    pubSub: pubSubOf(client, isCluster || isSentinel),
  };
}

function runnerOf(client: NodeRedisClient): ScriptRunner {
  const plain = withoutMapping(client);
  return async (script, keys, args) => {
    if ("isOpen" in client && client.isOpen === false) throw notConnected();
    const options = { keys, arguments: [NO_MARK, ...args] };
    try {
      return (await plain.evalSha(script.sha1, options)) as ScriptReply;
    } catch (error) {
      if (!isNoScript(error)) throw explained(error);
      return (await plain.eval(script.source, options)) as ScriptReply;
    }
  };
}

/** node-redis 6 has it on whatever it makes, as text or bytes, beside options that differ. */
function prefixOf(client: NodeRedisClient & { ["_keyPrefix"]?: string | Uint8Array }): string {
  const { _keyPrefix: prefix = "" } = client;
  return typeof prefix === "string" ? prefix : new TextDecoder().decode(prefix);
}

interface NodeRedisCluster {
  masters: unknown[];
  nodeClient(master: unknown): NodeRedisClient | Promise<NodeRedisClient>;
}

function hasMasters(client: NodeRedisClient): client is NodeRedisClient & NodeRedisCluster {
  return "masters" in client && "nodeClient" in client;
}

type SendCommand = (args: string[]) => Promise<unknown>;

/** Cluster and Sentinel clients open connections of their own for messages; a pool cannot subscribe. */
function pubSubOf(client: NodeRedisClient, hasOwnConnection: boolean): PubSub | undefined {
  if (!("subscribe" in client) || typeof client.subscribe !== "function") return undefined;
  const single = withoutMapping(client) as { sendCommand?: SendCommand };
  const speaksResp3 = async (): Promise<boolean> => isResp3(await single.sendCommand?.(["HELLO"]));
  return nodeRedisPubSub(
    client as NodeRedisClient & NodeRedisSubscriber,
    hasOwnConnection ? undefined : speaksResp3,
  );
}

/** The same connection; whatever types the user has chosen for their own replies, ours are strings and numbers. */
function withoutMapping(client: NodeRedisClient): NodeRedisClient {
  return "withTypeMapping" in client && typeof client.withTypeMapping === "function"
    ? (client.withTypeMapping({}) as NodeRedisClient)
    : client;
}

function explained(error: unknown): unknown {
  if (!(error instanceof Error) || !error.message.includes("allowed in this context")) return error;
  return new StreamError(
    "UNSUPPORTED",
    "this node-redis client is subscribed, and on RESP2 it takes no commands then: pass another client, or connect this one with RESP: 3",
    { cause: error },
  );
}

function notConnected(): StreamError {
  return new StreamError(
    "UNSUPPORTED",
    "this node-redis client is not connected: await client.connect() first",
  );
}
