import type { Logger, QueueEntry } from "chat";
import { decodeEntry, encodeEntry } from "./queue-entry.ts";
import type { QueueFormat } from "./queue-entry.ts";
import { lengthScript, peekScript, pushScript, takeScript } from "./scripts.generated.ts";
import type { StateConnection } from "./state-connection.ts";
import type { StateKeys } from "./state-keys.ts";
import { wholeNumber, wholeNumberOrNone } from "./whole-number.ts";

/** Entries that cannot be read: how many of a queue are kept, and for how long. */
const DEAD = { maxLength: "100", ttlMs: String(7 * 86_400_000) };

/** A queue lives at least that long, as the other adapters have it. */
const QUEUE_MS = 60_000;

/** Messages that wait for a busy thread. */
export class MessageQueues {
  readonly #redis: StateConnection;
  readonly #keys: StateKeys;
  readonly #format: QueueFormat;
  readonly #logger: Logger | undefined;

  constructor(
    redis: StateConnection,
    keys: StateKeys,
    format: QueueFormat,
    logger: Logger | undefined,
  ) {
    this.#redis = redis;
    this.#keys = keys;
    this.#format = format;
    this.#logger = logger;
  }

  /** @returns how many there are now */
  async put(threadId: string, entry: QueueEntry, maxSize: number): Promise<number> {
    const queue = this.#keys.queue(threadId);
    const json = encodeEntry(entry, this.#format);
    const ttl = wholeNumber("expiresAt", Math.max(entry.expiresAt - Date.now(), QUEUE_MS));
    return this.#redis.write(pushScript, queue, [json, wholeNumberOrNone("maxSize", maxSize), ttl]);
  }

  async take(threadId: string): Promise<QueueEntry | null> {
    const queue = this.#keys.queue(threadId);
    for (;;) {
      const [json, digest] = (await this.#redis.read(peekScript, queue)) as string[];
      if (json === undefined || digest === undefined) return null;
      const entry = decodeEntry(json);
      if (entry === undefined) await this.#bury(threadId, json);
      const isTaken = (await this.#redis.write(takeScript, queue, [digest])) === 1;
      if (isTaken && entry !== undefined) return entry;
    }
  }

  async length(threadId: string): Promise<number> {
    const [length] = await this.#redis.read(lengthScript, this.#keys.queue(threadId));
    return length as number;
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
