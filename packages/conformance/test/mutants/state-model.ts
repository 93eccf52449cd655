import type { Lock, QueueEntry, StateAdapter } from "chat";
import type { Place } from "../../src/index.ts";

/** Something that is there until a time, by `performance.now()`. */
export interface Kept<Value> {
  value: Value;
  until: number;
}

/** What a server would hold: everything as texts. */
export class StateStorage {
  readonly locks: Map<string, Kept<string>> = new Map();
  readonly cache: Map<string, Kept<string>> = new Map();
  readonly lists: Map<string, Kept<string[]>> = new Map();
  readonly queues: Map<string, string[]> = new Map();
  readonly unread: Map<string, string[]> = new Map();
  readonly subscriptions: Set<string> = new Set();

  plant(place: Place, id: string, text: string): void {
    if (place === "cache") this.cache.set(id, { value: text, until: Infinity });
    if (place === "list") listIn(this.lists, id).push(text);
    if (place === "queue") this.queues.set(id, [...(this.queues.get(id) ?? []), text]);
  }
}

/** What is there and not over yet. */
export function standing<Value>(map: Map<string, Kept<Value>>, id: string): Value | undefined {
  const kept = map.get(id);
  if (kept && kept.until > performance.now()) return kept.value;
  map.delete(id);
  return undefined;
}

export function listIn(lists: Map<string, Kept<string[]>>, key: string): string[] {
  const value = standing(lists, key) ?? [];
  lists.set(key, { value, until: lists.get(key)?.until ?? Infinity });
  return value;
}

/** When it ends, if it begins now; falsy is never. */
export function endOf(ttlMs: number | undefined): number {
  return ttlMs ? performance.now() + ttlMs : Infinity;
}

export function toJson(value: unknown): string {
  const json = JSON.stringify(value) as string | undefined;
  if (json === undefined) throw new TypeError("not a value of JSON");
  return json;
}

export function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

interface ListOptions {
  maxLength?: number;
  ttlMs?: number;
}

/** A right adapter in memory, to be broken: several share one storage, as processes share a server. */
export class ModelStateAdapter implements StateAdapter {
  readonly storage: StateStorage;
  protected isConnected = false;

  constructor(storage: StateStorage) {
    this.storage = storage;
  }

  async connect(): Promise<void> {
    await this.aTrip();
    this.isConnected = true;
  }

  async disconnect(): Promise<void> {
    this.isConnected = false;
  }

  async acquireLock(threadId: string, ttlMs: number): Promise<Lock | null> {
    this.assertTtl(ttlMs);
    const token = this.newToken();
    const expiresAt = Date.now() + ttlMs;
    await this.reach();
    if (standing(this.storage.locks, threadId) !== undefined) return null;
    this.storage.locks.set(threadId, { value: token, until: endOf(ttlMs) });
    return { threadId, token, expiresAt };
  }

  async extendLock(lock: Lock, ttlMs: number): Promise<boolean> {
    this.assertTtl(ttlMs);
    await this.reach();
    if (!this.isHeld(lock)) return false;
    this.storage.locks.set(lock.threadId, { value: lock.token, until: endOf(ttlMs) });
    return true;
  }

  async releaseLock(lock: Lock): Promise<void> {
    await this.reach();
    if (this.isHeld(lock)) this.storage.locks.delete(lock.threadId);
  }

  async forceReleaseLock(threadId: string): Promise<void> {
    await this.reach();
    this.storage.locks.delete(threadId);
  }

  async get<T = unknown>(key: string): Promise<T | null> {
    await this.reach();
    const text = standing(this.storage.cache, key);
    return text === undefined ? null : (fromJson(text) as T);
  }

  async set<T = unknown>(key: string, value: T, ttlMs?: number): Promise<void> {
    const json = toJson(value);
    await this.reach();
    this.storage.cache.set(key, { value: json, until: endOf(ttlMs) });
  }

  async setIfNotExists(key: string, value: unknown, ttlMs?: number): Promise<boolean> {
    const json = toJson(value);
    await this.reach();
    if (standing(this.storage.cache, key) !== undefined) return false;
    this.storage.cache.set(key, { value: json, until: endOf(ttlMs) });
    return true;
  }

  async delete(key: string): Promise<void> {
    await this.reach();
    this.storage.cache.delete(key);
  }

  async appendToList(key: string, value: unknown, options: ListOptions = {}): Promise<void> {
    const json = toJson(value);
    await this.reach();
    const { maxLength = 0, ttlMs } = options;
    const list = listIn(this.storage.lists, key);
    list.push(json);
    if (maxLength > 0) list.splice(0, list.length - maxLength);
    if (ttlMs) this.storage.lists.get(key)!.until = endOf(ttlMs);
  }

  async getList<T = unknown>(key: string): Promise<T[]> {
    await this.reach();
    return (standing(this.storage.lists, key) ?? []).map((text) => fromJson(text) as T);
  }

  async enqueue(threadId: string, entry: QueueEntry, maxSize: number): Promise<number> {
    const json = toJson(entry);
    await this.reach();
    const queue = this.queue(threadId);
    queue.push(json);
    if (maxSize > 0) queue.splice(0, queue.length - maxSize);
    return queue.length;
  }

  async dequeue(threadId: string): Promise<QueueEntry | null> {
    await this.reach();
    for (;;) {
      const text = this.queue(threadId).shift();
      if (text === undefined) return null;
      const value = fromJson(text) as QueueEntry | string | number | null;
      if (typeof value === "object" && value && "message" in value) return value;
      const { unread } = this.storage;
      unread.set(threadId, [...(unread.get(threadId) ?? []), text]);
    }
  }

  async queueDepth(threadId: string): Promise<number> {
    await this.reach();
    return this.queue(threadId).length;
  }

  async subscribe(threadId: string): Promise<void> {
    await this.reach();
    this.storage.subscriptions.add(threadId);
  }

  async unsubscribe(threadId: string): Promise<void> {
    await this.reach();
    this.storage.subscriptions.delete(threadId);
  }

  async isSubscribed(threadId: string): Promise<boolean> {
    await this.reach();
    return this.storage.subscriptions.has(threadId);
  }

  /** What stands between the adapter and its storage; nothing between two looks at that. */
  protected async reach(): Promise<void> {
    if (!this.isConnected) throw new Error("ModelStateAdapter is not connected");
    await this.aTrip();
  }

  protected async aTrip(): Promise<void> {
    await Promise.resolve();
  }

  protected newToken(): string {
    return `model_${Date.now()}_${crypto.randomUUID()}`;
  }

  protected assertTtl(ttlMs: number): void {
    if (!(ttlMs > 0)) throw new RangeError("a TTL must be greater than 0");
  }

  protected isHeld({ threadId, token }: Lock): boolean {
    return standing(this.storage.locks, threadId) === token;
  }

  protected queue(id: string): string[] {
    const queue = this.storage.queues.get(id) ?? [];
    this.storage.queues.set(id, queue);
    return queue;
  }
}
