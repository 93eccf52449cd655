import type { IoredisSubscriber, ShardedIoredisSubscriber } from "./pub-sub.ts";

interface Listener {
  onMessage: (message: string) => void;
}

/** One kind of channel, in ioredis' words. */
interface ChannelKind<C> {
  event: string;
  subscribe(client: C, channel: string): Promise<unknown>;
  unsubscribe(client: C, channel: string): Promise<unknown>;
}

type ChannelsOf<C extends IoredisSubscriber> = (client: C) => IoredisChannels<C>;

export const plainChannels: ChannelsOf<IoredisSubscriber> = channelsOf({
  event: "message",
  subscribe: (client, channel) => client.subscribe(channel),
  unsubscribe: (client, channel) => client.unsubscribe(channel),
});

export const shardChannels: ChannelsOf<ShardedIoredisSubscriber> = channelsOf({
  event: "smessage",
  subscribe: (client, channel) => client.ssubscribe(channel),
  unsubscribe: (client, channel) => client.sunsubscribe(channel),
});

/** ioredis keeps no listeners for each channel, and two stores on one client may follow the same stream. */
function channelsOf<C extends IoredisSubscriber>(kind: ChannelKind<C>): ChannelsOf<C> {
  const shared = new WeakMap<C, IoredisChannels<C>>();
  return (client) => {
    let channels = shared.get(client);
    if (channels === undefined) shared.set(client, (channels = new IoredisChannels(client, kind)));
    return channels;
  };
}

/** Our subscriptions on one client, which it is listened to for only while there are any. */
class IoredisChannels<C extends IoredisSubscriber> {
  readonly #client: C;
  readonly #kind: ChannelKind<C>;
  readonly #listeners: Map<string, Set<Listener>> = new Map();
  readonly #onMessage = (channel?: string, message?: string): void => {
    if (channel === undefined || message === undefined) return;
    for (const { onMessage } of this.#listeners.get(channel) ?? []) onMessage(message);
  };

  constructor(client: C, kind: ChannelKind<C>) {
    this.#client = client;
    this.#kind = kind;
  }

  async follow(
    channel: string,
    onMessage: (message: string) => void,
  ): Promise<() => Promise<void>> {
    const listener = { onMessage };
    this.#add(channel, listener);
    const leave = async (): Promise<void> => {
      if (this.#remove(channel, listener)) await this.#kind.unsubscribe(this.#client, channel);
    };
    try {
      await this.#kind.subscribe(this.#client, channel);
    } catch (error) {
      // A cluster client would go on trying.
      leave().catch(() => {});
      throw error;
    }
    return leave;
  }

  #add(channel: string, listener: Listener): void {
    if (this.#listeners.size === 0) this.#client.on(this.#kind.event, this.#onMessage);
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners.add(listener));
  }

  /** Returns whether it was the channel's last. */
  #remove(channel: string, listener: Listener): boolean {
    const listeners = this.#listeners.get(channel);
    if (!listeners?.delete(listener) || listeners.size > 0) return false;
    this.#listeners.delete(channel);
    if (this.#listeners.size === 0) this.#client.off(this.#kind.event, this.#onMessage);
    return true;
  }
}
