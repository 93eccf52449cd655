import type { Lock, QueueEntry, StateAdapter } from "chat";
import { ChatStateError } from "./chat-state-error.ts";
import { listLocks } from "./held-lock.ts";
import type { HeldLock } from "./held-lock.ts";
import { fromJson, toJson } from "./json.ts";
import { assertTokenPrefix, lockToken } from "./lock-token.ts";
import { MessageQueues } from "./message-queues.ts";
import {
  acquireScript,
  addMemberScript,
  deleteScript,
  extendScript,
  getScript,
  isMemberScript,
  pushScript,
  rangeScript,
  releaseScript,
  removeMemberScript,
  setScript,
} from "./scripts.generated.ts";
import type { RedisStateAdapterOptions, StateAdapterKind } from "./state-adapter-options.ts";
import type { StateClient } from "./state-client.ts";
import { StateConnection } from "./state-connection.ts";
import { assertText, stateKeys } from "./state-keys.ts";
import type { StateKeys } from "./state-keys.ts";
import { assertTime, wholeNumber, wholeNumberOrNone } from "./whole-number.ts";

/**
 * The Chat SDK's state in your Redis, over the client that you have: the same keys, types and values as
 * `@chat-adapter/state-redis`, `@chat-adapter/state-ioredis` and the Python port, so that bots of all three can
 * share it.
 *
 * A write whose reply was lost is repeated and comes to what it came to the first time. Where that is not known,
 * a call rejects with `UNKNOWN_OUTCOME`, and never resolves to a wrong `false` or `null`.
 */
export class RedisStateAdapter implements StateAdapter {
  readonly #client: StateClient;
  readonly #redis: StateConnection;
  readonly #keys: StateKeys;
  readonly #tokenPrefix: string;
  readonly #queues: MessageQueues;

  /** @throws ChatStateError `INVALID_OPTION`, `UNSUPPORTED` */
  constructor(
    options: RedisStateAdapterOptions,
    kind: StateAdapterKind = { name: "RedisStateAdapter", tokenPrefix: "redis" },
  ) {
    const { client, logger, queueFormat = "typescript", tokenPrefix = kind.tokenPrefix } = options;
    const { timeoutMs = 5_000, retryForMs = 10_000, connectTimeoutMs = 10_000 } = options;
    assertTokenPrefix(tokenPrefix);
    if (queueFormat !== "typescript" && queueFormat !== "both") {
      throw new ChatStateError("INVALID_OPTION", 'queueFormat must be "typescript" or "both"');
    }
    const times = { timeoutMs, retryForMs, connectTimeoutMs };
    for (const [name, value] of Object.entries(times)) assertTime(name, value);
    this.#client = client;
    this.#keys = stateKeys(options.keyPrefix || "chat-sdk");
    const { name, own } = kind;
    const probeKey = this.#keys.subscriptions;
    this.#redis = new StateConnection({ name, client, logger, own, probeKey, ...times });
    this.#tokenPrefix = tokenPrefix;
    this.#queues = new MessageQueues(this.#redis, this.#keys, queueFormat, logger);
  }

  /** The client that was given. */
  getClient(): StateClient {
    return this.#client;
  }

  connect(): Promise<void> {
    return this.#redis.connect();
  }

  disconnect(): Promise<void> {
    return this.#redis.disconnect();
  }

  async subscribe(threadId: string): Promise<void> {
    assertText("threadId", threadId);
    await this.#redis.write(addMemberScript, this.#keys.subscriptions, [threadId]);
  }

  async unsubscribe(threadId: string): Promise<void> {
    assertText("threadId", threadId);
    await this.#redis.write(removeMemberScript, this.#keys.subscriptions, [threadId]);
  }

  async isSubscribed(threadId: string): Promise<boolean> {
    assertText("threadId", threadId);
    const [found] = await this.#redis.read(isMemberScript, this.#keys.subscriptions, [threadId]);
    return found === 1;
  }

  async acquireLock(threadId: string, ttlMs: number): Promise<Lock | null> {
    const ttl = wholeNumber("ttlMs", ttlMs);
    const token = lockToken(this.#tokenPrefix);
    // Taken before it is sent: Redis lets go of the lock later than this says, never earlier.
    const expiresAt = Date.now() + Number(ttl);
    const key = this.#keys.lock(threadId);
    try {
      const taken = await this.#redis.write(acquireScript, key, [token, ttl], token);
      return taken === 1 ? { threadId, token, expiresAt } : null;
    } catch (error) {
      // What the client has yet to send would take a lock that nobody holds.
      if (ChatStateError.is(error, "UNKNOWN_OUTCOME")) {
        this.#redis.tell(releaseScript, key, [token], token);
      }
      throw error;
    }
  }

  async extendLock(lock: Lock, ttlMs: number): Promise<boolean> {
    const ttl = wholeNumber("ttlMs", ttlMs);
    const { threadId, token } = lock;
    assertText("token", token);
    return (await this.#redis.write(extendScript, this.#keys.lock(threadId), [token, ttl])) === 1;
  }

  async releaseLock(lock: Lock): Promise<void> {
    const { threadId, token } = lock;
    assertText("token", token);
    await this.#redis.write(releaseScript, this.#keys.lock(threadId), [token], token);
  }

  async forceReleaseLock(threadId: string): Promise<void> {
    await this.#redis.write(deleteScript, this.#keys.lock(threadId));
  }

  /** All locks that are held, whoever holds them: for dashboards. Looks at every key of every node. */
  inspectLocks(): Promise<HeldLock[]> {
    return listLocks(this.#redis, this.#keys.lock(""));
  }

  async get<T = unknown>(key: string): Promise<T | null> {
    const [text] = await this.#redis.read(getScript, this.#keys.cache(key));
    return text === undefined ? null : fromJson<T>(text as string);
  }

  async set<T = unknown>(key: string, value: T, ttlMs?: number): Promise<void> {
    const args = [toJson(value), wholeNumberOrNone("ttlMs", ttlMs), "0"];
    await this.#redis.write(setScript, this.#keys.cache(key), args);
  }

  async setIfNotExists(key: string, value: unknown, ttlMs?: number): Promise<boolean> {
    const args = [toJson(value), wholeNumberOrNone("ttlMs", ttlMs), "1"];
    return (await this.#redis.write(setScript, this.#keys.cache(key), args)) === 1;
  }

  async delete(key: string): Promise<void> {
    await this.#redis.write(deleteScript, this.#keys.cache(key));
  }

  async appendToList(
    key: string,
    value: unknown,
    { maxLength, ttlMs }: { maxLength?: number; ttlMs?: number } = {},
  ): Promise<void> {
    const most = wholeNumberOrNone("maxLength", maxLength);
    const args = [toJson(value), most, wholeNumberOrNone("ttlMs", ttlMs)];
    await this.#redis.write(pushScript, this.#keys.list(key), args);
  }

  async getList<T = unknown>(key: string): Promise<T[]> {
    const entries = await this.#redis.read(rangeScript, this.#keys.list(key));
    return entries.map((text) => fromJson<T>(text as string));
  }

  async enqueue(threadId: string, entry: QueueEntry, maxSize: number): Promise<number> {
    return this.#queues.put(threadId, entry, maxSize);
  }

  async dequeue(threadId: string): Promise<QueueEntry | null> {
    return this.#queues.take(threadId);
  }

  async queueDepth(threadId: string): Promise<number> {
    return this.#queues.length(threadId);
  }
}
