/** Messages over a client that can subscribe. */
export interface PubSub {
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

/** A node-redis client, cluster or sentinel as far as messages go. */
export interface NodeRedisSubscriber {
  subscribe(channel: string, listener: (message: string) => void): Promise<void>;
  unsubscribe(channel: string, listener: (message: string) => void): Promise<void>;
  on(event: string, listener: () => void): unknown;
  off(event: string, listener: () => void): unknown;
}

/** A client that is given for messages only, so that the one for commands stays as it is. */
export type RedisSubscriber = IoredisSubscriber | NodeRedisSubscriber;

export function ioredisPubSub(
  client: IoredisSubscriber,
  speaksResp3: PubSub["speaksResp3"],
): PubSub {
  return {
    speaksResp3,
    async subscribe(channel, onMessage) {
      let channels = sharedChannels.get(client);
      if (channels === undefined) sharedChannels.set(client, (channels = new Channels(client)));
      const listener = { onMessage };
      channels.add(channel, listener);
      const drop = (): boolean => channels.remove(channel, listener);
      try {
        await client.subscribe(channel);
      } catch (error) {
        drop();
        throw error;
      }
      return async () => {
        if (drop()) await client.unsubscribe(channel);
      };
    },
    onReconnect: (callback) => listen(client, "ready", callback),
  };
}

interface Listener {
  onMessage: (message: string) => void;
}

/** ioredis keeps no listeners for each channel, and two stores on one client may follow the same stream. */
const sharedChannels: WeakMap<IoredisSubscriber, Channels> = new WeakMap();

/** Our subscriptions on one client, which it is listened to for only while there are any. */
class Channels {
  readonly #client: IoredisSubscriber;
  readonly #listeners: Map<string, Set<Listener>> = new Map();
  readonly #onMessage = (channel?: string, message?: string): void => {
    if (channel === undefined || message === undefined) return;
    for (const { onMessage } of this.#listeners.get(channel) ?? []) onMessage(message);
  };

  constructor(client: IoredisSubscriber) {
    this.#client = client;
  }

  add(channel: string, listener: Listener): void {
    if (this.#listeners.size === 0) this.#client.on("message", this.#onMessage);
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners.add(listener));
  }

  /** Returns whether it was the channel's last. */
  remove(channel: string, listener: Listener): boolean {
    const listeners = this.#listeners.get(channel);
    if (!listeners?.delete(listener) || listeners.size > 0) return false;
    this.#listeners.delete(channel);
    if (this.#listeners.size === 0) this.#client.off("message", this.#onMessage);
    return true;
  }
}

export function nodeRedisPubSub(
  client: NodeRedisSubscriber,
  speaksResp3: PubSub["speaksResp3"],
): PubSub {
  return {
    speaksResp3,
    async subscribe(channel, listener) {
      const onMessage = (message: string): void => listener(message);
      await client.subscribe(channel, onMessage);
      return () => client.unsubscribe(channel, onMessage);
    },
    onReconnect: (callback) => listen(client, "ready", callback),
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
