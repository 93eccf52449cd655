import { StreamError } from "@streambed/core/contracts";
import { isRefusal } from "@streambed/redis-driver";
import type { PubSub } from "@streambed/redis-driver";
import type { StreamTail } from "./stream-tail.ts";

export interface PushFeedOptions {
  pubSub: PubSub;
  channelOf: (id: string) => string;
}

interface Subscription {
  /** Resolves, once subscribed, to what ends it. */
  ending: Promise<() => Promise<void>>;
}

/** A server, or a proxy, without HELLO has no RESP3 either. */
function falseIfRefused(error: unknown): boolean {
  if (isRefusal(error)) return false;
  throw error;
}

/**
 * Messages from the server for the tails of streams that other processes write. A message may get lost:
 * tails go on being polled, only rarely, and nothing depends on a message arriving.
 */
export class PushFeed {
  readonly #options: PushFeedOptions;
  readonly #subscriptions: Map<StreamTail, Subscription> = new Map();
  #proof: Promise<void> | undefined;
  #stopListening: (() => void) | undefined;

  constructor(options: PushFeedOptions) {
    this.#options = options;
  }

  /** Subscribes to the stream's channel, once. Failing to is the tail's failure, or a poll's business. */
  attach(tail: StreamTail): void {
    if (this.#subscriptions.has(tail)) return;
    this.#stopListening ??= this.#options.pubSub.onReconnect(() => this.#onReconnect());
    const ending = this.#subscribe(tail);
    this.#subscriptions.set(tail, { ending });
    ending.then(
      () => this.#subscriptions.has(tail) && tail.setListening(true),
      (error: unknown) => {
        this.#forget(tail);
        if (StreamError.is(error)) tail.fail(error);
      },
    );
  }

  /** Ends the subscription. */
  detach(tail: StreamTail): void {
    const subscription = this.#subscriptions.get(tail);
    if (subscription === undefined) return;
    this.#forget(tail);
    tail.setListening(false);
    // A connection that is gone has forgotten the subscription by itself.
    subscription.ending.then((end) => end()).catch(() => {});
  }

  #forget(tail: StreamTail): void {
    this.#subscriptions.delete(tail);
    if (this.#subscriptions.size > 0) return;
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#proof = undefined;
  }

  async #subscribe(tail: StreamTail): Promise<() => Promise<void>> {
    const { pubSub, channelOf } = this.#options;
    const channel = channelOf(tail.id);
    await (this.#proof ??= this.#proveResp3());
    try {
      return await pubSub.subscribe(channel, (message) => tail.onMessage(message));
    } catch (error) {
      // A slot on its way to another node: the next look subscribes again.
      if (!isRefusal(error) || /^(MOVED|ASK)\b/.test(error.message)) throw error;
      const command = pubSub.isSharded ? "SSUBSCRIBE" : "SUBSCRIBE";
      const way = /unknown command/i.test(error.message)
        ? "shard channels need Redis 7.0 or Valkey 7.2, push: true does not"
        : `this user must be let (ACL: &${channel}), or leave push out`;
      const why = `Redis refused to ${command}: ${error.message}`;
      throw new StreamError("UNSUPPORTED", `${why}: ${way}`, { cause: error });
    }
  }

  /** On RESP2 a subscription would make the user's connection refuse every command. */
  async #proveResp3(): Promise<void> {
    const { speaksResp3 } = this.#options.pubSub;
    if (speaksResp3 === undefined || (await speaksResp3().catch(falseIfRefused))) return;
    throw new StreamError(
      "UNSUPPORTED",
      "push: true needs a connection that speaks RESP3 (ioredis 6 and node-redis 6 do by default, node-redis 5 with RESP: 3); on RESP2 pass a second client as subscriber",
    );
  }

  /** What was announced meanwhile is lost, and the new connection may speak another protocol. */
  #onReconnect(): void {
    this.#proof = this.#proveResp3();
    this.#proof.catch((error: unknown) => {
      for (const tail of [...this.#subscriptions.keys()]) {
        this.detach(tail);
        if (StreamError.is(error)) tail.fail(error);
      }
    });
    for (const tail of this.#subscriptions.keys()) tail.pollNow();
  }
}
