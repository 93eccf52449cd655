import { MARK, unmarked } from "./marked-reply.ts";
import type { PubSub } from "./pub-sub.ts";
import type { UpstashClient } from "./redis-client.ts";
import type { ScriptDriver, ScriptReply, ScriptRunner } from "./redis-driver.ts";
import { isNoScript } from "./reply-error.ts";

export function isUpstash(client: object): client is UpstashClient {
  return (
    "evalsha" in client && typeof client.evalsha === "function" && !("defineCommand" in client)
  );
}

export function fromUpstash(client: UpstashClient): ScriptDriver {
  const run = runnerOf(client);
  return {
    isCluster: false,
    isRest: true,
    keyPrefix: "",
    run,
    nodes: async () => [run],
    pubSub: canSubscribe(client) ? upstashPubSub(client) : undefined,
  };
}

function runnerOf(client: UpstashClient): ScriptRunner {
  return async (script, keys, args) => {
    // The client parses strings as JSON unless it is told not to, and takes a leading U+FEFF for a
    // byte order mark: behind a mark a string is neither.
    const marked = [MARK, ...args];
    let reply: unknown;
    try {
      reply = await client.evalsha(script.sha1, keys, marked);
    } catch (error) {
      if (!isNoScript(error)) throw bare(error);
      reply = await client.eval(script.source, keys, marked).catch((other: unknown) => {
        throw bare(other);
      });
    }
    return unmarked(reply as ScriptReply);
  };
}

/** The server's line alone: the client puts words before it where it has put commands together by itself. */
function bare(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const [, line] = /^Command failed: (.*)/s.exec(error.message) ?? [];
  return line === undefined ? error : new Error(line, { cause: error });
}

interface UpstashSubscriberClient {
  subscribe(channel: string): UpstashSubscription;
}

interface UpstashSubscription {
  on(event: "message" | "error", listener: () => void): void;
  unsubscribe(): Promise<void>;
}

function canSubscribe(client: object): client is UpstashSubscriberClient {
  return "subscribe" in client && typeof client.subscribe === "function";
}

/**
 * One HTTP connection a channel. The client parses messages as JSON and cuts them at line breaks, so a
 * message is taken as a sign only: it comes out empty.
 */
function upstashPubSub(client: UpstashSubscriberClient): PubSub {
  return {
    isSharded: false,
    speaksResp3: undefined,
    async subscribe(channel, onMessage) {
      const subscription = client.subscribe(channel);
      const onSign = (): void => onMessage("");
      subscription.on("message", onSign);
      subscription.on("error", onSign);
      return () => subscription.unsubscribe();
    },
    onReconnect: () => () => {},
  };
}
