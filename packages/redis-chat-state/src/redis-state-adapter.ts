import type { Lock, Logger, QueueEntry, StateAdapter } from "chat";
import type { RedisClient } from "@streambed/redis-driver";
import { ChatStateError } from "./chat-state-error.ts";
import { listLocks } from "./held-lock.ts";
import type { HeldLock } from "./held-lock.ts";
import { fromJson, toJson } from "./json.ts";
import { assertTokenPrefix, lockToken } from "./lock-token.ts";
import { decodeEntry, encodeEntry } from "./queue-entry.ts";
import type { QueueFormat } from "./queue-entry.ts";
import {
  acquireScript,
  addMemberScript,
  deleteScript,
  extendScript,
  getScript,
  isMemberScript,
  lengthScript,
  pushScript,
  rangeScript,
  releaseScript,
  removeMemberScript,
  setScript,
  takeScript,
} from "./scripts.generated.ts";
import { StateConnection } from "./state-connection.ts";
import type { OwnClient } from "./state-connection.ts";
import { stateKeys } from "./state-keys.ts";
import type { StateKeys } from "./state-keys.ts";
import { assertTime, wholeNumber, wholeNumberOrNone } from "./whole-number.ts";

export interface StateAdapterOptions {
  /** What every key begins with; empty means the default, as in the other adapters. @default "chat-sdk" */
  keyPrefix?: string | undefined;
  /** What the tokens of this bot's locks begin with. @default "redis"; "ioredis" of `IoRedisStateAdapter` */
  tokenPrefix?: string | undefined;
  /** How queued messages are written: as TypeScript bots read them, or so that Python's do too. @default "typescript" */
  queueFormat?: QueueFormat | undefined;
  /** Told of what cannot be read. @default nobody */
  logger?: Logger | undefined;
  /** How long one command may take, in milliseconds. @default 5_000 */
  timeoutMs?: number | undefined;
  /** For how long a call waits for a Redis that cannot be reached, in milliseconds. @default 10_000 */
  retryForMs?: number | undefined;
  /** How long `connect` may take, in milliseconds. @default 10_000 */
  connectTimeoutMs?: number | undefined;
}

export interface RedisStateAdapterOptions extends StateAdapterOptions {
  /** Connected, or about to be. It stays yours: it is never opened, configured or closed. */
  client: RedisClient;
}

/** What a kind of adapter is called, and a client of its own. */
export interface StateAdapterKind {
  name: string;
  tokenPrefix: string;
  own?: OwnClient | undefined;
}

/** Entries that cannot be read: how many of a queue are kept, and for how long. */
const DEAD = { maxLength: "100", ttlMs: String(7 * 86_400_000) };

/** A queue lives at least that long, as the other adapters have it. */
const QUEUE_MS = 60_000;

/**
 * The Chat SDK's state in your Redis, over the client that you have: the same keys, types and values as
 * `@chat-adapter/state-redis`, `@chat-adapter/state-ioredis` and the Python port, so that bots of all three can
 * share it.
 *
 * A write whose reply was lost is repeated and comes to what it came to the first time. Where that is not known,
 * a call rejects with `UNKNOWN_OUTCOME`, and never resolves to a wrong `false` or `null`.
 */
export class RedisStateAdapter implements StateAdapter {
  readonly #client: RedisClient;
  readonly #redis: StateConnection;
  readonly #keys: StateKeys;
  readonly #tokenPrefix: string;
  readonly #queueFormat: QueueFormat;
  readonly #logger: Logger | undefined;

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
    this.#redis = new StateConnection({ name, client, own, probeKey, ...times });
    this.#tokenPrefix = tokenPrefix;
    this.#queueFormat = queueFormat;
    this.#logger = logger;
  }

  /** The client that was given. */
  getClient(): RedisClient {
    return this.#client;
  }

  connect(): Promise<void> {
    return this.#redis.connect();
  }

  disconnect(): Promise<void> {
    return this.#redis.disconnect();
  }

  async subscribe(threadId: string): Promise<void> {
    await this.#redis.write(addMemberScript, this.#keys.subscriptions, [threadId]);
  }

  async unsubscribe(threadId: string): Promise<void> {
    await this.#redis.write(removeMemberScript, this.#keys.subscriptions, [threadId]);
  }

  async isSubscribed(threadId: string): Promise<boolean> {
    const [found] = await this.#redis.read(isMemberScript, this.#keys.subscriptions, [threadId]);
    return found === 1;
  }

  async acquireLock(threadId: string, ttlMs: number): Promise<Lock | null> {
    const ttl = wholeNumber("ttlMs", ttlMs);
    const token = lockToken(this.#tokenPrefix);
    // Taken before it is sent: Redis lets go of the lock later than this says, never earlier.
    const expiresAt = Date.now() + Number(ttl);
    const key = this.#keys.lock(threadId);
    const taken = await this.#redis.write(acquireScript, key, [token, ttl], token);
    return taken === 1 ? { threadId, token, expiresAt } : null;
  }

  async extendLock(lock: Lock, ttlMs: number): Promise<boolean> {
    const ttl = wholeNumber("ttlMs", ttlMs);
    const key = this.#keys.lock(lock.threadId);
    return (await this.#redis.write(extendScript, key, [lock.token, ttl])) === 1;
  }

  async releaseLock(lock: Lock): Promise<void> {
    const { threadId, token } = lock;
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
    const entries = await this.#redis.read(rangeScript, this.#keys.list(key), ["-1"]);
    return entries.map((text) => fromJson<T>(text as string));
  }

  async enqueue(threadId: string, entry: QueueEntry, maxSize: number): Promise<number> {
    const json = encodeEntry(entry, this.#queueFormat);
    const ttl = wholeNumber("expiresAt", Math.max(entry.expiresAt - Date.now(), QUEUE_MS));
    const args = [json, wholeNumberOrNone("maxSize", maxSize), ttl];
    return this.#redis.write(pushScript, this.#keys.queue(threadId), args);
  }

  async dequeue(threadId: string): Promise<QueueEntry | null> {
    const queue = this.#keys.queue(threadId);
    for (;;) {
      const [head] = await this.#redis.read(rangeScript, queue, ["0"]);
      if (head === undefined) return null;
      const json = head as string;
      const entry = decodeEntry(json);
      if (entry === undefined) await this.#bury(threadId, json);
      const isTaken = (await this.#redis.write(takeScript, queue, [json])) === 1;
      if (isTaken && entry !== undefined) return entry;
    }
  }

  async queueDepth(threadId: string): Promise<number> {
    const [depth] = await this.#redis.read(lengthScript, this.#keys.queue(threadId));
    return depth as number;
  }

  /** Keeps an entry that nobody can read, before it is taken off its queue. */
  async #bury(threadId: string, json: string): Promise<void> {
    const dead = this.#keys.dead(threadId);
    await this.#redis.write(pushScript, dead, [json, DEAD.maxLength, DEAD.ttlMs]);
    this.#logger?.error(`an entry of the queue of ${threadId} cannot be read: moved to ${dead}`, {
      entry: json.slice(0, 200),
    });
  }
}
