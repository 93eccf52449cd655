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

/** Listens on the client only while there is a subscription of ours. */
export function ioredisPubSub(
  client: IoredisSubscriber,
  speaksResp3: PubSub["speaksResp3"],
): PubSub {
  const listeners = new Map<string, (message: string) => void>();
  const onMessage = (channel?: string, message?: string): void => {
    if (channel !== undefined && message !== undefined) listeners.get(channel)?.(message);
  };
  return {
    speaksResp3,
    async subscribe(channel, listener) {
      if (listeners.size === 0) client.on("message", onMessage);
      listeners.set(channel, listener);
      const drop = (): void => {
        listeners.delete(channel);
        if (listeners.size === 0) client.off("message", onMessage);
      };
      try {
        await client.subscribe(channel);
      } catch (error) {
        drop();
        throw error;
      }
      return async () => {
        drop();
        await client.unsubscribe(channel);
      };
    },
    onReconnect: (callback) => listen(client, "ready", callback),
  };
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
  if (!Array.isArray(hello)) return (hello as { proto?: unknown } | null)?.proto === 3;
  return hello[hello.indexOf("proto") + 1] === 3;
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
