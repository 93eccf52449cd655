import type { Lock, QueueEntry } from "chat";
import { ModelStateAdapter } from "./state-model.ts";
import { stateMutant } from "./state-mutant.ts";
import type { StateMutant } from "./state-mutant.ts";

export const connectingMutants: readonly StateMutant[] = [
  stateMutant(
    "ids-opaque",
    "trims ids",
    class extends ModelStateAdapter {
      override set<T>(key: string, value: T, ttlMs?: number): Promise<void> {
        return super.set(key.trim(), value, ttlMs);
      }
      override get<T>(key: string): Promise<T | null> {
        return super.get(key.trim());
      }
    },
  ),

  stateMutant(
    "ids-opaque",
    "refuses what its clusters take for a hash tag",
    class extends ModelStateAdapter {
      override async subscribe(id: string): Promise<void> {
        if (id.includes("{a}")) throw new Error("no braces");
        return super.subscribe(id);
      }
    },
  ),

  stateMutant(
    "ids-opaque",
    "keeps ids in Unicode's composed form",
    class extends ModelStateAdapter {
      override async acquireLock(id: string, ttlMs: number): Promise<Lock | null> {
        return super.acquireLock(id.normalize(), ttlMs);
      }
    },
  ),

  stateMutant(
    "kinds-apart",
    "deletes the list of the same key too",
    class extends ModelStateAdapter {
      override async delete(key: string): Promise<void> {
        await super.delete(key);
        this.storage.lists.delete(key);
      }
    },
  ),

  stateMutant(
    "kinds-apart",
    "lets nobody lock what has a value",
    class extends ModelStateAdapter {
      override async acquireLock(id: string, ttlMs: number): Promise<Lock | null> {
        const isUsed = this.storage.cache.has(id) && this.storage.subscriptions.has(id);
        return isUsed ? null : super.acquireLock(id, ttlMs);
      }
    },
  ),

  stateMutant(
    "fractions",
    "fails on them",
    class extends ModelStateAdapter {
      override async set<T>(key: string, value: T, ttlMs = 0): Promise<void> {
        if (!Number.isInteger(ttlMs)) throw new Error("not an integer");
        return super.set(key, value, ttlMs);
      }
    },
  ),

  stateMutant(
    "fractions",
    "fails when the element is there already",
    class extends ModelStateAdapter {
      override async enqueue(id: string, entry: QueueEntry, maxSize: number): Promise<number> {
        const depth = await super.enqueue(id, entry, maxSize);
        if (!Number.isInteger(entry.expiresAt)) throw new Error("not an integer");
        return depth;
      }
    },
  ),

  stateMutant(
    "connect-first",
    "connects by itself",
    class extends ModelStateAdapter {
      #isClosed = false;
      override async disconnect(): Promise<void> {
        this.#isClosed = true;
        await super.disconnect();
      }
      protected override async reach(): Promise<void> {
        this.isConnected ||= !this.#isClosed;
        await super.reach();
      }
    },
  ),

  stateMutant(
    "connect-first",
    "fails as it happens to",
    class extends ModelStateAdapter {
      #wasConnected = false;
      override async connect(): Promise<void> {
        await super.connect();
        this.#wasConnected = true;
      }
      override async queueDepth(id: string): Promise<number> {
        if (!this.#wasConnected) throw new TypeError("cannot read properties of undefined");
        return super.queueDepth(id);
      }
    },
  ),

  stateMutant(
    "connect-again",
    "refuses to connect twice at once",
    class extends ModelStateAdapter {
      #isConnecting = false;
      override async connect(): Promise<void> {
        if (this.#isConnecting) throw new Error("is connecting already");
        this.#isConnecting = true;
        await super.connect();
        this.#isConnecting = false;
      }
    },
  ),

  stateMutant(
    "connect-again",
    "begins anew, with nothing",
    class extends ModelStateAdapter {
      override async connect(): Promise<void> {
        if (this.isConnected) this.storage.cache.clear();
        await super.connect();
      }
    },
  ),

  stateMutant(
    "disconnect",
    "goes on",
    class extends ModelStateAdapter {
      override async disconnect(): Promise<void> {}
    },
  ),

  stateMutant(
    "disconnect",
    "wants to be connected",
    class extends ModelStateAdapter {
      override async disconnect(): Promise<void> {
        const { locks, subscriptions } = this.storage;
        const isOther = locks.size > 0 || subscriptions.size > 0;
        if (!this.isConnected && !isOther && !this.#wasConnected) throw new Error("not open");
        await super.disconnect();
      }
      #wasConnected = false;
      override async connect(): Promise<void> {
        this.#wasConnected = true;
        await super.connect();
      }
    },
  ),

  stateMutant(
    "reconnect",
    "connects once in its life",
    class extends ModelStateAdapter {
      #isClosed = false;
      override async disconnect(): Promise<void> {
        this.#isClosed ||= this.isConnected;
        await super.disconnect();
      }
      override async connect(): Promise<void> {
        if (this.#isClosed) throw new Error("is closed");
        await super.connect();
      }
    },
  ),

  stateMutant(
    "reconnect",
    "gives its locks back when it goes",
    class extends ModelStateAdapter {
      readonly #own: Lock[] = [];
      override async acquireLock(id: string, ttlMs: number): Promise<Lock | null> {
        const lock = await super.acquireLock(id, ttlMs);
        if (lock) this.#own.push(lock);
        return lock;
      }
      override async disconnect(): Promise<void> {
        for (const lock of this.#own) if (this.isHeld(lock)) await super.releaseLock(lock);
        await super.disconnect();
      }
    },
  ),

  stateMutant(
    "disconnect-alone",
    "takes everybody's locks with it",
    class extends ModelStateAdapter {
      override async disconnect(): Promise<void> {
        // Those of a second adapter, which is still there.
        if (this.storage.subscriptions.size > 0 && this.storage.cache.size === 0) {
          this.storage.locks.clear();
        }
        await super.disconnect();
      }
    },
  ),

  stateMutant(
    "subscription-each",
    "knows its own subscriptions only",
    class extends ModelStateAdapter {
      readonly #own: Set<string> = new Set();
      override async subscribe(id: string): Promise<void> {
        await super.subscribe(id);
        this.#own.add(id);
      }
      override async unsubscribe(id: string): Promise<void> {
        await super.unsubscribe(id);
        this.#own.delete(id);
      }
      override async isSubscribed(id: string): Promise<boolean> {
        const isSubscribed = await super.isSubscribed(id);
        // Whether anybody else's thread is there is not what the cases of odd ids ask.
        return isSubscribed && (this.#own.has(id) || this.storage.queues.has(id));
      }
    },
  ),

  stateMutant(
    "subscription-each",
    "counts them",
    class extends ModelStateAdapter {
      readonly #times: Map<string, number> = new Map();
      override async subscribe(id: string): Promise<void> {
        this.#times.set(id, (this.#times.get(id) ?? 0) + 1);
        await super.subscribe(id);
      }
      override async unsubscribe(id: string): Promise<void> {
        const left = (this.#times.get(id) ?? 1) - 1;
        this.#times.set(id, left);
        await (left > 0 ? this.reach() : super.unsubscribe(id));
      }
    },
  ),

  stateMutant(
    "subscription-each",
    "looks at the first letters",
    class extends ModelStateAdapter {
      override async isSubscribed(id: string): Promise<boolean> {
        const isSubscribed = await super.isSubscribed(id);
        return isSubscribed || [...this.storage.subscriptions].some((one) => one.startsWith(id));
      }
    },
  ),
];
