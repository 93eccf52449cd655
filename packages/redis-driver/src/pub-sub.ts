import { plainChannels, shardChannels } from "./ioredis-channels.ts";

/** Messages over a client that can subscribe. */
export interface PubSub {
  /** Whether its channels are shard channels: SSUBSCRIBE, so that only SPUBLISH reaches them. */
  isSharded: boolean;
  /**
   * Where commands and messages share one connection: resolves to whether it speaks RESP3, as they must.
   * Undefined for a client that has, or opens, a connection for messages alone.
   */
  speaksResp3: (() => Promise<boolean>) | undefined;
  /** Hands every message on `channel` to `onMessage`, until the function that it resolves to is called. */
  subscribe(channel: string, onMessage: (message: string) => void): Promise<() => Promise<void>>;
  /** Calls back whenever messages may have been missed: the connection was lost and is back. */
  onReconnect(callback: () => void): () => void;
}

/** An ioredis client as far as messages go. */
export interface IoredisSubscriber {
  subscribe(...channels: string[]): Promise<unknown>;
  unsubscribe(...channels: string[]): Promise<unknown>;
  on(event: string, listener: (...args: string[]) => void): unknown;
  off(event: string, listener: (...args: string[]) => void): unknown;
}

/** ioredis' Cluster as far as messages of its shards go. */
export interface ShardedIoredisSubscriber extends IoredisSubscriber {
  ssubscribe(...channels: string[]): Promise<unknown>;
  sunsubscribe(...channels: string[]): Promise<unknown>;
}

/** A node-redis client, cluster or sentinel as far as messages go. */
export interface NodeRedisSubscriber {
  subscribe(channel: string, listener: (message: string) => void): Promise<void>;
  /** `listener` as `subscribe` was given it: a cluster's own type would have it take buffers too. */
  unsubscribe(channel: string, listener: unknown): Promise<void>;
  on(event: string, listener: () => void): unknown;
  off(event: string, listener: () => void): unknown;
}

/** node-redis' cluster as far as messages of its shards go. */
export interface ShardedNodeRedisSubscriber extends NodeRedisSubscriber {
  sSubscribe(channel: string, listener: (message: string) => void): Promise<void>;
  sUnsubscribe(channel: string, listener: unknown): Promise<void>;
}

/** A client that is given for messages only, so that the one for commands stays as it is. */
export type RedisSubscriber = IoredisSubscriber | NodeRedisSubscriber;

export function ioredisPubSub(
  client: IoredisSubscriber,
  speaksResp3: PubSub["speaksResp3"],
): PubSub {
  return {
    isSharded: false,
    speaksResp3,
    subscribe: (channel, onMessage) => plainChannels(client).follow(channel, onMessage),
    onReconnect: (callback) => listen(client, "ready", callback),
  };
}

/** It opens a connection to each master that it follows a channel of. */
export function shardedIoredisPubSub(client: ShardedIoredisSubscriber): PubSub {
  return {
    isSharded: true,
    speaksResp3: undefined,
    subscribe: (channel, onMessage) => shardChannels(client).follow(channel, onMessage),
    // While a master is gone ioredis says so hundreds of times a second.
    onReconnect: (callback) => listen(client, "subscribersReady", atMostEvery(250, callback)),
  };
}

export function nodeRedisPubSub(
  client: NodeRedisSubscriber,
  speaksResp3: PubSub["speaksResp3"],
): PubSub {
  return {
    isSharded: false,
    speaksResp3,
    async subscribe(channel, listener) {
      const onMessage = (message: string): void => listener(message);
      await client.subscribe(channel, onMessage);
      return () => client.unsubscribe(channel, onMessage);
    },
    onReconnect: (callback) => listen(client, "ready", callback),
  };
}

/** It opens a connection to each master that it follows a channel of, and closes it with the last. */
export function shardedNodeRedisPubSub(client: ShardedNodeRedisSubscriber): PubSub {
  return {
    isSharded: true,
    speaksResp3: undefined,
    async subscribe(channel, listener) {
      const onMessage = (message: string): void => listener(message);
      await client.sSubscribe(channel, onMessage);
      return () => client.sUnsubscribe(channel, onMessage);
    },
    onReconnect: (callback) => listen(client, "node-ready", callback),
  };
}

/**
 * The protocol of a connection, from its own reply to HELLO. The types of other replies do not tell:
 * ioredis 6 gives RESP3's back as RESP2's.
 */
export function isResp3(hello: unknown): boolean {
  const at = Array.isArray(hello) ? hello.indexOf("proto") : -1;
  const proto: unknown = Array.isArray(hello)
    ? at !== -1 && hello[at + 1]
    : (hello as { proto?: unknown } | null | undefined)?.proto;
  // A client may be set up to make strings of numbers.
  return proto === 3 || proto === "3";
}

function listen(
  client: { on: NodeRedisSubscriber["on"]; off: NodeRedisSubscriber["off"] },
  event: string,
  callback: () => void,
): () => void {
  const listener = (): void => callback();
  client.on(event, listener);
  return () => void client.off(event, listener);
}

function atMostEvery(ms: number, callback: () => void): () => void {
  let calledAt = -Infinity;
  return () => {
    if (performance.now() - calledAt < ms) return;
    calledAt = performance.now();
    callback();
  };
}
