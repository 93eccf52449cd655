import type { QueueEntry } from "chat";
import { aMoment } from "./mutant.ts";
import { ModelStateAdapter, fromJson, listIn, standing, toJson } from "./state-model.ts";
import { stateMutant } from "./state-mutant.ts";
import type { StateMutant } from "./state-mutant.ts";

type ListOptions = { maxLength?: number; ttlMs?: number };

export const liningMutants: readonly StateMutant[] = [
  stateMutant(
    "list-order",
    "reads the list and writes it back",
    class extends ModelStateAdapter {
      override async appendToList(
        key: string,
        value: unknown,
        options: ListOptions = {},
      ): Promise<void> {
        const before = [...(standing(this.storage.lists, key) ?? [])];
        // Only where nobody else counts on the length.
        if (options.maxLength === undefined && before.length > 2) {
          await aMoment();
          if (this.isConnected) listIn(this.storage.lists, key).splice(0, Infinity, ...before);
        }
        await super.appendToList(key, value, options);
      }
    },
  ),

  stateMutant(
    "list-order",
    "keeps equal elements once",
    class extends ModelStateAdapter {
      override async appendToList(
        key: string,
        value: unknown,
        options?: ListOptions,
      ): Promise<void> {
        const json = toJson(value);
        const list = standing(this.storage.lists, key) ?? [];
        if (json === '{"same":1}' && list.includes(json)) return;
        await super.appendToList(key, value, options);
      }
    },
  ),

  stateMutant(
    "list-newest",
    "keeps the oldest",
    class extends ModelStateAdapter {
      override async appendToList(
        key: string,
        value: unknown,
        options: ListOptions = {},
      ): Promise<void> {
        toJson(value);
        const { maxLength = 0, ttlMs = 0 } = options;
        const list = standing(this.storage.lists, key) ?? [];
        if (maxLength > 0 && list.length >= maxLength) {
          await this.reach();
          return;
        }
        await super.appendToList(key, value, { ttlMs });
      }
    },
  ),

  stateMutant(
    "list-newest",
    "trims a moment later",
    class extends ModelStateAdapter {
      override async appendToList(
        key: string,
        value: unknown,
        options: ListOptions = {},
      ): Promise<void> {
        const { maxLength = 0, ttlMs = 0 } = options;
        await super.appendToList(key, value, { ttlMs });
        await aMoment();
        const list = listIn(this.storage.lists, key);
        if (maxLength > 0) list.splice(0, list.length - maxLength);
      }
    },
  ),

  stateMutant(
    "list-newest",
    "removes one at a time",
    class extends ModelStateAdapter {
      override async appendToList(
        key: string,
        value: unknown,
        options: ListOptions = {},
      ): Promise<void> {
        const { maxLength = 0, ttlMs = 0 } = options;
        await super.appendToList(key, value, { ttlMs });
        const list = listIn(this.storage.lists, key);
        if (maxLength > 0 && list.length > maxLength) list.shift();
      }
    },
  ),

  stateMutant(
    "list-ttl",
    "counts from the first append",
    class extends ModelStateAdapter {
      override async appendToList(
        key: string,
        value: unknown,
        options?: ListOptions,
      ): Promise<void> {
        const until = this.storage.lists.get(key)?.until ?? Infinity;
        await super.appendToList(key, value, options);
        if (until !== Infinity) this.storage.lists.get(key)!.until = until;
      }
    },
  ),

  stateMutant(
    "list-ttl",
    "lets it go at once",
    class extends ModelStateAdapter {
      override appendToList(key: string, value: unknown, options?: ListOptions): Promise<void> {
        const ttlMs = options?.ttlMs === 400 ? 0.001 : (options?.ttlMs ?? 0);
        return super.appendToList(key, value, { ...options, ttlMs });
      }
    },
  ),

  stateMutant(
    "list-ttl-kept",
    "takes none for for ever",
    class extends ModelStateAdapter {
      override async appendToList(
        key: string,
        value: unknown,
        options?: ListOptions,
      ): Promise<void> {
        await super.appendToList(key, value, options);
        if (!options?.ttlMs) this.storage.lists.get(key)!.until = Infinity;
      }
    },
  ),

  stateMutant(
    "list-foreign",
    "fails on an element that is no JSON",
    class extends ModelStateAdapter {
      override async getList<T>(key: string): Promise<T[]> {
        await this.reach();
        return (standing(this.storage.lists, key) ?? []).map((text) => JSON.parse(text) as T);
      }
    },
  ),

  stateMutant(
    "list-foreign",
    "ends the list there",
    class extends ModelStateAdapter {
      override async getList<T>(key: string): Promise<T[]> {
        await this.reach();
        const list = (standing(this.storage.lists, key) ?? []).map((text) => ({
          text,
          value: fromJson(text),
        }));
        const end = list.findIndex(({ text, value }) => text === value);
        return list.slice(0, end < 0 ? undefined : end).map(({ value }) => value as T);
      }
    },
  ),

  stateMutant(
    "queue-order",
    "hands out the newest",
    class extends ModelStateAdapter {
      override async dequeue(id: string): Promise<QueueEntry | null> {
        // Short ones in their order: what the others ask of a queue is another matter.
        const queue = this.queue(id);
        if (queue.length > 15 && queue.length < 21) queue.unshift(queue.pop()!);
        return super.dequeue(id);
      }
    },
  ),

  stateMutant(
    "queue-depth",
    "says how many there were before",
    class extends ModelStateAdapter {
      override async enqueue(id: string, entry: QueueEntry, maxSize: number): Promise<number> {
        const depth = await super.enqueue(id, entry, maxSize);
        return maxSize === 10 && depth > 1 ? depth - 1 : depth;
      }
    },
  ),

  stateMutant(
    "queue-depth",
    "counts what was ever there",
    class extends ModelStateAdapter {
      readonly #most: Map<string, number> = new Map();
      override async queueDepth(id: string): Promise<number> {
        const depth = Math.max(this.#most.get(id) ?? 0, await super.queueDepth(id));
        this.#most.set(id, depth);
        return depth;
      }
    },
  ),

  stateMutant(
    "queue-newest",
    "refuses the newest",
    class extends ModelStateAdapter {
      override async enqueue(id: string, entry: QueueEntry, maxSize: number): Promise<number> {
        toJson(entry);
        const isFull = maxSize > 0 && this.queue(id).length >= maxSize;
        return isFull ? this.queueDepth(id) : super.enqueue(id, entry, maxSize);
      }
    },
  ),

  stateMutant(
    "queue-newest",
    "takes 0 for no room",
    class extends ModelStateAdapter {
      override async enqueue(id: string, entry: QueueEntry, maxSize: number): Promise<number> {
        const depth = await super.enqueue(id, entry, maxSize);
        return maxSize === 0 ? this.queue(id).splice(0).length - depth : depth;
      }
    },
  ),

  stateMutant(
    "queue-newest",
    "trims a moment later",
    class extends ModelStateAdapter {
      override async enqueue(id: string, entry: QueueEntry, maxSize: number): Promise<number> {
        await super.enqueue(id, entry, 0);
        await aMoment();
        const queue = this.queue(id);
        if (maxSize > 0 && queue.length > maxSize) queue.splice(0, queue.length - maxSize);
        return queue.length;
      }
    },
  ),

  stateMutant(
    "queue-late",
    "takes the time of the newest for the queue's",
    class extends ModelStateAdapter {
      override async enqueue(id: string, entry: QueueEntry, maxSize: number): Promise<number> {
        const depth = await super.enqueue(id, entry, maxSize);
        if (entry.expiresAt < Date.now()) this.queue(id).splice(0);
        return depth;
      }
    },
  ),

  stateMutant(
    "queue-entry",
    "keeps the members of the message as they are",
    class extends ModelStateAdapter {
      override enqueue(id: string, entry: QueueEntry, maxSize: number): Promise<number> {
        const isPlain = Object.getPrototypeOf(entry.message) === Object.prototype;
        const message = (
          isPlain ? entry.message : Object.assign({}, entry.message, { toJSON: undefined })
        ) as never;
        return super.enqueue(id, { ...entry, message }, maxSize);
      }
    },
  ),

  stateMutant(
    "queue-entry",
    "keeps the message alone",
    class extends ModelStateAdapter {
      override async dequeue(id: string): Promise<QueueEntry | null> {
        const entry = await super.dequeue(id);
        return entry && { ...entry, enqueuedAt: Date.now() };
      }
    },
  ),

  stateMutant(
    "queue-once",
    "looks first and takes it away later",
    class extends ModelStateAdapter {
      override async dequeue(id: string): Promise<QueueEntry | null> {
        await this.reach();
        const head = this.queue(id)[0];
        const value = head === undefined ? null : (fromJson(head) as QueueEntry);
        if (!value || typeof value !== "object" || !("message" in value)) return super.dequeue(id);
        await Promise.resolve();
        const queue = this.queue(id);
        if (queue[0] === head) queue.shift();
        return value;
      }
    },
  ),

  stateMutant(
    "queue-once",
    "takes equal ones for one",
    class extends ModelStateAdapter {
      override async dequeue(id: string): Promise<QueueEntry | null> {
        const head = this.queue(id)[0];
        const entry = await super.dequeue(id);
        const queue = this.queue(id);
        while (entry?.message.text === "same" && queue[0] === head) queue.shift();
        return entry;
      }
    },
  ),

  stateMutant(
    "queue-foreign",
    "fails on what is no entry, and stops there",
    class extends ModelStateAdapter {
      override async dequeue(id: string): Promise<QueueEntry | null> {
        await this.reach();
        const head = this.queue(id)[0];
        if (head !== undefined) JSON.parse(head);
        return super.dequeue(id);
      }
    },
  ),

  stateMutant(
    "queue-foreign",
    "hands out whatever JSON there is",
    class extends ModelStateAdapter {
      override async dequeue(id: string): Promise<QueueEntry | null> {
        await this.reach();
        if (this.queue(id)[0] !== "5") return super.dequeue(id);
        return fromJson(this.queue(id).shift()!) as QueueEntry;
      }
    },
  ),

  stateMutant(
    "queue-foreign",
    "throws it away",
    class extends ModelStateAdapter {
      override async dequeue(id: string): Promise<QueueEntry | null> {
        const entry = await super.dequeue(id);
        this.storage.unread.delete(id);
        return entry;
      }
    },
  ),
];
