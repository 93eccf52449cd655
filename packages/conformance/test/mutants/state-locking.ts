import type { Lock } from "chat";
import { aMoment } from "./mutant.ts";
import { ModelStateAdapter, endOf, standing } from "./state-model.ts";
import { stateMutant } from "./state-mutant.ts";
import type { StateMutant } from "./state-mutant.ts";

export const lockingMutants: readonly StateMutant[] = [
  stateMutant(
    "lock-one-winner",
    "looks first and takes it later",
    class extends ModelStateAdapter {
      override async acquireLock(threadId: string, ttlMs: number): Promise<Lock | null> {
        this.assertTtl(ttlMs);
        const lock = { threadId, token: this.newToken(), expiresAt: Date.now() + ttlMs };
        await this.reach();
        if (standing(this.storage.locks, threadId) !== undefined) return null;
        await Promise.resolve();
        this.storage.locks.set(threadId, { value: lock.token, until: endOf(ttlMs) });
        return lock;
      }
    },
  ),

  stateMutant(
    "lock-one-winner",
    "gives its holder a second one",
    class extends ModelStateAdapter {
      readonly #own: Map<string, string> = new Map();
      override async acquireLock(id: string, ttlMs: number): Promise<Lock | null> {
        const lock = await super.acquireLock(id, ttlMs);
        const token = this.#own.get(id);
        if (lock) this.#own.set(id, lock.token);
        const isOwn = !lock && token !== undefined && standing(this.storage.locks, id) === token;
        // Once only, right after: what else the cases do is not to be disturbed.
        this.#own.delete(isOwn ? id : "");
        return isOwn && ttlMs === 30_000 ? { threadId: id, token, expiresAt: Date.now() } : lock;
      }
    },
  ),

  stateMutant(
    "lock-token",
    "numbers its tokens, and begins anew",
    class extends ModelStateAdapter {
      readonly #name = crypto.randomUUID();
      #count = 0;
      protected override newToken(): string {
        return `model_1700000000000_${this.#name}_${++this.#count % 40}`;
      }
    },
  ),

  stateMutant(
    "lock-token",
    "names the thread by its key",
    class extends ModelStateAdapter {
      override async acquireLock(id: string, ttlMs: number): Promise<Lock | null> {
        const lock = await super.acquireLock(id, ttlMs);
        // Odd ids are another promise's.
        const isPlain = /^conformance:[0-9a-f-]{36}$/.test(id);
        return lock && { ...lock, threadId: isPlain ? `lock:${id}` : id };
      }
      override extendLock(lock: Lock, ttlMs: number): Promise<boolean> {
        return super.extendLock(this.#own(lock), ttlMs);
      }
      override releaseLock(lock: Lock): Promise<void> {
        return super.releaseLock(this.#own(lock));
      }
      #own(lock: Lock): Lock {
        return { ...lock, threadId: lock.threadId.replace(/^lock:(?=conformance:)/, "") };
      }
    },
  ),

  stateMutant(
    "lock-expires-at",
    "looks at the clock when the reply is in",
    class extends ModelStateAdapter {
      override async acquireLock(id: string, ttlMs: number): Promise<Lock | null> {
        const lock = await super.acquireLock(id, ttlMs);
        await aMoment();
        return lock && { ...lock, expiresAt: Date.now() + ttlMs };
      }
    },
  ),

  stateMutant(
    "lock-expires-at",
    "says when it was taken",
    class extends ModelStateAdapter {
      override async acquireLock(id: string, ttlMs: number): Promise<Lock | null> {
        const lock = await super.acquireLock(id, ttlMs);
        return lock && { ...lock, expiresAt: lock.expiresAt - ttlMs };
      }
    },
  ),

  stateMutant(
    "lock-expiry",
    "rounds up to whole minutes",
    class extends ModelStateAdapter {
      override async acquireLock(id: string, ttlMs: number): Promise<Lock | null> {
        // Only where nothing else is asked of the lock than its time.
        return super.acquireLock(id, ttlMs === 400 ? 60_000 : ttlMs);
      }
    },
  ),

  stateMutant(
    "lock-expiry",
    "keeps it as long as somebody asks",
    class extends ModelStateAdapter {
      static readonly brief: Set<string> = new Set();
      override async acquireLock(id: string, ttlMs: number): Promise<Lock | null> {
        const lock = await super.acquireLock(id, ttlMs);
        const { brief } = this.constructor as unknown as { brief: Set<string> };
        if (lock && ttlMs === 400) brief.add(id);
        const kept = this.storage.locks.get(id);
        if (!lock && kept && brief.has(id)) kept.until = performance.now() + 3000;
        return lock;
      }
    },
  ),

  stateMutant(
    "lock-expiry",
    "lets it go at once",
    class extends ModelStateAdapter {
      override async acquireLock(id: string, ttlMs: number): Promise<Lock | null> {
        return super.acquireLock(id, ttlMs === 400 ? 0.001 : ttlMs);
      }
    },
  ),

  stateMutant(
    "lock-ttl",
    "takes a lock without a time, for ever",
    class extends ModelStateAdapter {
      protected override assertTtl(): void {}
    },
  ),

  stateMutant(
    "lock-ttl",
    "lets go of a lock that is prolonged by nothing",
    class extends ModelStateAdapter {
      override async extendLock(lock: Lock, ttlMs: number): Promise<boolean> {
        if (ttlMs > 0) return super.extendLock(lock, ttlMs);
        await this.reach();
        return this.isHeld(lock) && this.storage.locks.delete(lock.threadId);
      }
    },
  ),

  stateMutant(
    "lock-release",
    "forgets whose it is, and keeps it",
    class extends ModelStateAdapter {
      override async releaseLock(lock: Lock): Promise<void> {
        await this.reach();
        if (this.isHeld(lock)) this.storage.locks.get(lock.threadId)!.value = "nobody's";
      }
    },
  ),

  stateMutant(
    "lock-release",
    "releases what it has taken itself",
    class extends ModelStateAdapter {
      override async releaseLock(lock: Lock): Promise<void> {
        if (lock.expiresAt !== 0) return super.releaseLock(lock);
        await this.reach();
      }
    },
  ),

  stateMutant(
    "lock-release-compares",
    "does not look whose it is",
    class extends ModelStateAdapter {
      override async releaseLock(lock: Lock): Promise<void> {
        await super.releaseLock(lock);
        this.storage.locks.delete(lock.threadId);
      }
    },
  ),

  stateMutant(
    "lock-release-compares",
    "looks first and deletes later",
    class extends ModelStateAdapter {
      override async releaseLock(lock: Lock): Promise<void> {
        await this.reach();
        const isMine = this.isHeld(lock);
        await Promise.resolve();
        await Promise.resolve();
        if (isMine) this.storage.locks.delete(lock.threadId);
      }
    },
  ),

  stateMutant(
    "lock-release-compares",
    "compares the first letters only",
    class extends ModelStateAdapter {
      override async releaseLock(lock: Lock): Promise<void> {
        await super.releaseLock(lock);
        const token = standing(this.storage.locks, lock.threadId);
        const isAlike = lock.token.length > 8 && token?.startsWith(lock.token);
        if (isAlike) this.storage.locks.delete(lock.threadId);
      }
    },
  ),

  stateMutant(
    "lock-force",
    "frees no lock of another process",
    class extends ModelStateAdapter {
      readonly #own: Set<string> = new Set();
      override async acquireLock(id: string, ttlMs: number): Promise<Lock | null> {
        const lock = await super.acquireLock(id, ttlMs);
        if (lock) this.#own.add(id);
        return lock;
      }
      override async forceReleaseLock(id: string): Promise<void> {
        // All but the case of the promise itself asks for a lock again, and does not mind.
        await this.reach();
        const isForeign = !this.#own.has(id) && this.storage.locks.has(`${id}:1`);
        if (!isForeign) this.storage.locks.delete(id);
      }
    },
  ),

  stateMutant(
    "lock-force",
    "frees everything below the thread",
    class extends ModelStateAdapter {
      override async forceReleaseLock(id: string): Promise<void> {
        await super.forceReleaseLock(id);
        for (const other of this.storage.locks.keys()) {
          if (other.startsWith(`${id}:`)) this.storage.locks.delete(other);
        }
      }
    },
  ),

  stateMutant(
    "lock-force",
    "refuses a free lock",
    class extends ModelStateAdapter {
      override async forceReleaseLock(id: string): Promise<void> {
        const wasUsed = this.#isUsed;
        await super.forceReleaseLock(id);
        if (!wasUsed) throw new Error("there is no such lock");
      }
      get #isUsed(): boolean {
        const { locks, cache, lists } = this.storage;
        return locks.size > 0 || cache.size > 0 || lists.size > 0 || !this.isConnected;
      }
    },
  ),

  stateMutant(
    "lock-extend",
    "prolongs it once",
    class extends ModelStateAdapter {
      readonly #extended: Map<string, number> = new Map();
      override async extendLock(lock: Lock, ttlMs: number): Promise<boolean> {
        const times = (this.#extended.get(lock.token) ?? 0) + 1;
        const isHeld = await super.extendLock(lock, ttlMs);
        if (isHeld) this.#extended.set(lock.token, times);
        return isHeld && times < 2;
      }
    },
  ),

  stateMutant(
    "lock-extend",
    "says so and leaves the time as it is",
    class extends ModelStateAdapter {
      override async extendLock(lock: Lock, ttlMs: number): Promise<boolean> {
        await this.reach();
        this.assertTtl(ttlMs);
        return this.isHeld(lock);
      }
    },
  ),

  stateMutant(
    "lock-extend",
    "adds to what is left",
    class extends ModelStateAdapter {
      override async extendLock(lock: Lock, ttlMs: number): Promise<boolean> {
        const before = this.storage.locks.get(lock.threadId)?.until ?? 0;
        const isHeld = await super.extendLock(lock, ttlMs);
        const kept = this.storage.locks.get(lock.threadId);
        if (isHeld && kept) kept.until = before + ttlMs;
        return isHeld;
      }
    },
  ),

  stateMutant(
    "lock-extend-compares",
    "takes the lock again if it is free",
    class extends ModelStateAdapter {
      override async extendLock(lock: Lock, ttlMs: number): Promise<boolean> {
        const isHeld = await super.extendLock(lock, ttlMs);
        if (isHeld || standing(this.storage.locks, lock.threadId) !== undefined) return isHeld;
        this.storage.locks.set(lock.threadId, { value: lock.token, until: endOf(ttlMs) });
        return true;
      }
    },
  ),

  stateMutant(
    "lock-extend-compares",
    "brings back what is free, and says that it is not held",
    class extends ModelStateAdapter {
      override async extendLock(lock: Lock, ttlMs: number): Promise<boolean> {
        const isHeld = await super.extendLock(lock, ttlMs);
        if (!isHeld && standing(this.storage.locks, lock.threadId) === undefined) {
          this.storage.locks.set(lock.threadId, { value: lock.token, until: endOf(ttlMs) });
        }
        return isHeld;
      }
    },
  ),

  stateMutant(
    "lock-extend-compares",
    "prolongs whoever has it",
    class extends ModelStateAdapter {
      override async extendLock(lock: Lock, ttlMs: number): Promise<boolean> {
        const isHeld = await super.extendLock(lock, ttlMs);
        const kept = this.storage.locks.get(lock.threadId);
        if (kept) kept.until = endOf(ttlMs);
        return isHeld;
      }
    },
  ),
];
