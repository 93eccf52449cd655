import type { IoredisSubscriber } from "./pub-sub.ts";

/**
 * The Redis clients that a store takes, typed by what is used of them, so that no Redis library is
 * imported here, not even its types.
 */
export type RedisClient = EightMethodClient | IoredisClient | NodeRedisClient | UpstashClient;

/** The least that a store can work with: plain commands, no scripts. */
export interface EightMethodClient {
  get(key: string): Promise<string | null>;
  set(key: string, value: string, mode: "EX", seconds: number): Promise<unknown>;
  exists(...keys: string[]): Promise<number>;
  rpush(key: string, ...values: string[]): Promise<number>;
  lrange(key: string, start: number, stop: number): Promise<string[]>;
  llen(key: string): Promise<number>;
  expire(key: string, seconds: number): Promise<unknown>;
  del(...keys: string[]): Promise<number>;
}

/** ioredis 5 and 6. */
export interface IoredisClient extends EightMethodClient, IoredisSubscriber {
  evalsha(sha1: string, keyCount: number, ...keysAndArgs: string[]): Promise<unknown>;
  eval(source: string, keyCount: number, ...keysAndArgs: string[]): Promise<unknown>;
  call(command: string, ...args: string[]): Promise<unknown>;
  /** Tells ioredis from other clients that have an `evalsha`. */
  defineCommand(name: string, definition: { lua: string }): void;
}

/** node-redis 5 and 6: client, cluster, sentinel or pool. */
export interface NodeRedisClient {
  evalSha(sha1: string, options: NodeRedisScriptOptions): Promise<unknown>;
  eval(source: string, options: NodeRedisScriptOptions): Promise<unknown>;
}

/** Mutable arrays: node-redis's own types refuse `readonly` ones. */
export interface NodeRedisScriptOptions {
  keys: string[];
  arguments: string[];
}

/** @upstash/redis 1.x. */
export interface UpstashClient {
  evalsha(sha1: string, keys: string[], args: string[]): Promise<unknown>;
  eval(source: string, keys: string[], args: string[]): Promise<unknown>;
}
