import { StreamError } from "@streambed/core/contracts";
import { MARK, NO_MARK, unmarked } from "./marked-reply.ts";
import { ioredisPubSub, isResp3 } from "./pub-sub.ts";
import type { IoredisClient } from "./redis-client.ts";
import type { ScriptDriver, ScriptReply, ScriptRunner } from "./redis-driver.ts";
import { isNoScript } from "./reply-error.ts";

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
  const run = runnerOf(client);
  return {
    isCluster,
    isRest: false,
    keyPrefix: prefixOf(client),
    run,
    nodes: async () => (hasNodes(client) ? client.nodes("master").map(runnerOf) : [run]),
    // A cluster client opens a connection of its own for messages.
    pubSub: ioredisPubSub(
      client,
      isCluster ? undefined : async () => isResp3(await client.call("HELLO")),
    ),
  };
}

function runnerOf(client: IoredisClient): ScriptRunner {
  const marks = makesNumbersStrings(client);
  return async (script, keys, args) => {
    if ("status" in client && client.status === "end") throw closed();
    const all = [...keys, marks ? MARK : NO_MARK, ...args];
    let reply: unknown;
    try {
      reply = await client.evalsha(script.sha1, keys.length, ...all);
    } catch (error) {
      if (!isNoScript(error)) throw explained(error);
      reply = await client.eval(script.source, keys.length, ...all);
    }
    return marks ? unmarked(reply as ScriptReply) : (reply as ScriptReply);
  };
}

/** A client of a cluster. */
function hasNodes(
  client: IoredisClient,
): client is IoredisClient & { nodes(role: "master"): IoredisClient[] } {
  return "nodes" in client && typeof client.nodes === "function";
}

interface PrefixOptions {
  keyPrefix?: string | Uint8Array;
  redisOptions?: { keyPrefix?: string | Uint8Array };
}

export function prefixOf({ options }: object & { options?: PrefixOptions }): string {
  // As for ioredis, an empty one is none. It may also be given as bytes.
  const prefix = options?.keyPrefix || options?.redisOptions?.keyPrefix || "";
  return typeof prefix === "string" ? prefix : new TextDecoder().decode(prefix);
}

interface NumberOptions {
  stringNumbers?: boolean;
  redisOptions?: { stringNumbers?: boolean };
}

/** ioredis has an option for that, and then an integer looks like a string. */
function makesNumbersStrings(client: IoredisClient & { options?: NumberOptions }): boolean {
  const { stringNumbers, redisOptions } = client.options ?? {};
  return (stringNumbers ?? redisOptions?.stringNumbers) === true;
}

function explained(error: unknown): unknown {
  if (!(error instanceof Error) || !error.message.includes("subscriber mode")) return error;
  return new StreamError(
    "UNSUPPORTED",
    "this ioredis client is subscribed, and on RESP2 it takes no commands then: pass another client (or ioredis 6, which speaks RESP3)",
    { cause: error },
  );
}

/** It will not connect again by itself, and fails like one that is about to. */
function closed(): StreamError {
  return new StreamError("UNSUPPORTED", "this ioredis client was closed: pass one that is open");
}
