import type { PubSub } from "./pub-sub.ts";
import type { EightMethodClient } from "./redis-client.ts";

/** What our stores need of a Redis client: scripts where the client has them, else the eight methods. */
export type RedisDriver = ScriptDriver | PlainDriver;

export interface ScriptDriver {
  run: ScriptRunner;
  /** Whether keys lie on several nodes, so that those of one script need a hash tag. */
  isCluster: boolean;
  /** Whether each request is an HTTP request, slower and billed. */
  isRest: boolean;
  /** What the client itself puts before every key that it is told; empty as a rule. */
  keyPrefix: string;
  /** Runners of every node that holds keys: for scripts that take none, and look at whatever there is. */
  nodes(): Promise<ScriptRunner[]>;
  /** Messages over the same client; undefined where it cannot subscribe. */
  pubSub: PubSub | undefined;
}

export interface PlainDriver {
  commands: EightMethodClient;
}

/** A script of ours, with its hash worked out when it was built. */
export interface RedisScript {
  name: string;
  source: string;
  /** Of `source`, in hexadecimal. */
  sha1: string;
}

/** A script's reply: integers and strings, the strings as they were stored. */
export type ScriptReply = (number | string)[];

/** Runs a script by its hash, and by its source where the server does not know it yet. */
export type ScriptRunner = (
  script: RedisScript,
  keys: string[],
  args: string[],
) => Promise<ScriptReply>;
