import { ModelStateAdapter, endOf, standing, toJson } from "./state-model.ts";
import { stateMutant } from "./state-mutant.ts";
import type { StateMutant } from "./state-mutant.ts";

type ListOptions = { maxLength?: number; ttlMs?: number };

export const keepingMutants: readonly StateMutant[] = [
  stateMutant(
    "value-json",
    "returns what it was given",
    class extends ModelStateAdapter {
      static readonly given: Map<string, unknown> = new Map();
      override async set<T>(key: string, value: T, ttlMs?: number): Promise<void> {
        await super.set(key, value, ttlMs);
        const { given } = this.constructor as unknown as { given: Map<string, unknown> };
        given.set(this.storage.cache.get(key)!.value, value);
      }
      override async get<T>(key: string): Promise<T | null> {
        await this.reach();
        const text = standing(this.storage.cache, key);
        const { given } = this.constructor as unknown as { given: Map<string, unknown> };
        return text !== undefined && given.has(text) ? (given.get(text) as T) : super.get(key);
      }
    },
  ),

  stateMutant(
    "value-json",
    "reads strings in lists that look like JSON",
    class extends ModelStateAdapter {
      override async getList<T>(key: string): Promise<T[]> {
        const list = await super.getList(key);
        return list.map((one) => (one === "null" ? null : one) as T);
      }
    },
  ),

  stateMutant(
    "value-json",
    "cuts what is long",
    class extends ModelStateAdapter {
      override async appendToList(
        key: string,
        value: unknown,
        options?: ListOptions,
      ): Promise<void> {
        const isLong = toJson(value).length > 65_536;
        await super.appendToList(key, isLong ? "cut" : value, options);
      }
    },
  ),

  stateMutant(
    "value-foreign",
    "fails on what is no JSON",
    class extends ModelStateAdapter {
      override async get<T>(key: string): Promise<T | null> {
        await this.reach();
        const text = standing(this.storage.cache, key);
        return text === undefined ? null : (JSON.parse(text) as T);
      }
    },
  ),

  stateMutant(
    "value-refused",
    "stores undefined as nothing",
    class extends ModelStateAdapter {
      override set<T>(key: string, value: T, ttlMs?: number): Promise<void> {
        return super.set(key, value ?? null, ttlMs);
      }
    },
  ),

  stateMutant(
    "value-refused",
    "makes room before it looks at the element",
    class extends ModelStateAdapter {
      override appendToList(key: string, value: unknown, options?: ListOptions): Promise<void> {
        if (options?.maxLength === 1 && value === undefined) this.storage.lists.delete(key);
        return super.appendToList(key, value, options);
      }
    },
  ),

  stateMutant(
    "cache-set",
    "keeps what is there",
    class extends ModelStateAdapter {
      override async set<T>(key: string, value: T, ttlMs?: number): Promise<void> {
        // What is the same again need not be written.
        const isThere = (await this.get(key)) === "a";
        if (!isThere || ttlMs === 300) await super.set(key, value, ttlMs);
      }
    },
  ),

  stateMutant(
    "cache-set",
    "keeps the earlier time",
    class extends ModelStateAdapter {
      override async set<T>(key: string, value: T, ttlMs?: number): Promise<void> {
        const before = this.storage.cache.get(key);
        await super.set(key, value, ttlMs);
        const kept = this.storage.cache.get(key);
        if (before && kept && ttlMs === undefined) kept.until = before.until;
      }
    },
  ),

  stateMutant(
    "cache-ttl",
    "forgets the time",
    class extends ModelStateAdapter {
      override setIfNotExists(key: string, value: unknown, ttlMs?: number): Promise<boolean> {
        return super.setIfNotExists(key, value, ttlMs === 400 ? undefined : ttlMs);
      }
    },
  ),

  stateMutant(
    "cache-ttl",
    "takes 0 for at once",
    class extends ModelStateAdapter {
      override set<T>(key: string, value: T, ttlMs?: number): Promise<void> {
        return super.set(key, value, ttlMs === 0 ? 1 : ttlMs);
      }
    },
  ),

  stateMutant(
    "cache-ttl",
    "lets it go at once",
    class extends ModelStateAdapter {
      override set<T>(key: string, value: T, ttlMs?: number): Promise<void> {
        return super.set(key, value, ttlMs === 400 ? 0.001 : ttlMs);
      }
    },
  ),

  stateMutant(
    "cache-one-winner",
    "looks first and writes later",
    class extends ModelStateAdapter {
      override async setIfNotExists(key: string, value: unknown, ttlMs?: number): Promise<boolean> {
        toJson(value);
        await this.reach();
        if (standing(this.storage.cache, key) !== undefined) return false;
        await super.set(key, value, ttlMs);
        return true;
      }
    },
  ),

  stateMutant(
    "cache-one-winner",
    "takes null for nothing",
    class extends ModelStateAdapter {
      override async setIfNotExists(key: string, value: unknown, ttlMs?: number): Promise<boolean> {
        const isNull = standing(this.storage.cache, key) === "null";
        if (isNull && this.isConnected) this.storage.cache.delete(key);
        return super.setIfNotExists(key, value, ttlMs);
      }
    },
  ),

  stateMutant(
    "cache-one-winner",
    "renews the time of what is there",
    class extends ModelStateAdapter {
      override async setIfNotExists(key: string, value: unknown, ttlMs?: number): Promise<boolean> {
        const isFirst = await super.setIfNotExists(key, value, ttlMs);
        const kept = this.storage.cache.get(key);
        if (!isFirst && kept) kept.until = endOf(ttlMs);
        return isFirst;
      }
    },
  ),

  stateMutant(
    "cache-delete",
    "puts null in its place",
    class extends ModelStateAdapter {
      override async delete(key: string): Promise<void> {
        const isThere = this.storage.cache.has(key);
        await super.delete(key);
        if (isThere) this.storage.cache.set(key, { value: "null", until: Infinity });
      }
    },
  ),

  stateMutant(
    "cache-delete",
    "deletes everything below the key",
    class extends ModelStateAdapter {
      override async delete(key: string): Promise<void> {
        await super.delete(key);
        this.storage.cache.delete(`${key}:1`);
      }
    },
  ),
];
