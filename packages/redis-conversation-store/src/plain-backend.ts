import { StreamError } from "@streambed/core/contracts";
import { judgeWrite } from "@streambed/core/store-kit";
import type { ConversationWrite, StoredJson } from "@streambed/core/store-kit";
import type { EightMethodClient } from "@streambed/redis-driver";
import { foreign } from "./conversation-backend.ts";
import type { ConversationBackend } from "./conversation-backend.ts";
import { lockKey } from "./keys.ts";
import { PlainLock } from "./plain-lock.ts";

export interface PlainBackendOptions {
  commands: EightMethodClient;
  ttlSec: number;
  timeoutMs: number;
}

/** Plain commands only, for clients without scripts: what compares and then writes does so under a lock. */
export class PlainBackend implements ConversationBackend {
  readonly #redis: EightMethodClient;
  readonly #options: PlainBackendOptions;

  constructor(options: PlainBackendOptions) {
    this.#redis = options.commands;
    this.#options = options;
  }

  async read(key: string): Promise<StoredJson | null> {
    const json = await this.#get(key);
    return json === null ? null : { json, revision: json };
  }

  toWrite(key: string, write: ConversationWrite): () => Promise<string | null> {
    const { json } = write;
    const lock = this.#lock(key);
    return () =>
      lock.run(async (assertInTime) => {
        const judgement = judgeWrite(await this.#get(key), write);
        assertInTime();
        if (judgement === "make") await this.#redis.set(key, json, "EX", this.#options.ttlSec);
        return judgement === "conflict" ? null : json;
      });
  }

  toRemove(key: string): () => Promise<void> {
    const lock = this.#lock(key);
    return () =>
      lock.run(async (assertInTime) => {
        const stored = await this.#get(key);
        assertInTime();
        if (stored !== null) await this.#redis.del(key);
      });
  }

  #lock(key: string): PlainLock {
    // A bit less than the attempt has: it gives up by itself, and says what it waited for.
    return new PlainLock(this.#redis, lockKey(key), this.#options.timeoutMs * 0.9);
  }

  async #get(key: string): Promise<string | null> {
    let stored: unknown;
    try {
      stored = await this.#redis.get(key);
    } catch (error) {
      const isForeign = error instanceof Error && /^WRONGTYPE\b/.test(error.message);
      throw isForeign ? foreign(key, error) : error;
    }
    if (typeof stored === "string") return stored;
    if (stored === null || stored === undefined) return null;
    const message = `this client does not give back the text under ${key} as it is: turn off its parsing`;
    throw new StreamError("UNSUPPORTED", message);
  }
}
