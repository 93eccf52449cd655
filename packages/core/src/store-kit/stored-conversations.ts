import { StreamError } from "../contracts/stream-error.ts";
import { ChatHistory, newestOf } from "../conversation/chat-history.ts";
import type { ConversationStore } from "../conversation/conversation-store.ts";
import type { AnyMessage, ConversationMessage } from "../conversation/history-node.ts";
import { utf8Length } from "./batch.ts";
import type { ConversationWrite } from "./conversation-write.ts";
import { sleep } from "./sleep.ts";
import { assertPositiveInteger, assertSessionId } from "./validate.ts";

/** How often an update is tried, and how long it pauses at most in between. */
const UPDATE = { tries: 32, mostPauseMs: 1_000 };

/** What is stored under an id. */
export interface StoredJson {
  json: string;
  /** Tells this JSON from any other: it itself, or its hash. */
  revision: string;
}

/** What a storage does of a conversation store; the rest is the same for all. */
export abstract class StoredConversations<
  M extends AnyMessage = ConversationMessage,
> implements ConversationStore<M> {
  readonly #maxBytes: number;
  /** What of each history is stored, by id. */
  readonly #known: WeakMap<ChatHistory<M>, Map<string, Known>> = new WeakMap();
  readonly #saving: WeakMap<ChatHistory<M>, Promise<void>> = new WeakMap();

  /** @throws StreamError `INVALID_OPTION` */
  constructor({ maxBytes }: ConversationLimits) {
    assertPositiveInteger("maxBytes", maxBytes);
    this.#maxBytes = maxBytes ?? 16_777_216;
  }

  /** What is stored, `null` if there is nothing. */
  protected abstract read(id: string): Promise<StoredJson | null>;

  /** Resolves to the revision of `json`, `null` if what is stored is not what it builds on: see `judgeWrite`. */
  protected abstract write(id: string, write: ConversationWrite): Promise<string | null>;

  protected abstract remove(id: string): Promise<void>;

  /** Where a conversation is kept, as it is called in errors. */
  protected placeOf(id: string): string {
    return `the conversation ${id}`;
  }

  async load(id: string): Promise<ChatHistory<M>> {
    assertSessionId(id);
    const stored = await this.read(id);
    const history = stored === null ? new ChatHistory<M>() : this.#parse(id, stored.json);
    this.#remember(history, id, { revision: stored?.revision ?? null, newest: undefined });
    return history;
  }

  async save(id: string, history: ChatHistory<M>): Promise<void> {
    assertSessionId(id);
    if (!(history instanceof ChatHistory)) {
      throw new StreamError("INVALID_OPTION", "history must be a ChatHistory");
    }
    // Taken now: the caller may go on changing it.
    const json = history.toJSON();
    const newest = newestOf(history);
    // JSON escapes lone surrogates: it is always well-formed.
    const bytes = utf8Length(json)!;
    if (bytes > this.#maxBytes) {
      const message = `a conversation of ${bytes} bytes is over maxBytes (${this.#maxBytes})`;
      throw new StreamError("LIMIT", message);
    }
    // A save builds on the one before it, whether anybody waits for that or not.
    const before = this.#saving.get(history) ?? Promise.resolve();
    const saving = before.then(() => this.#save(id, history, { json, newest }));
    const settled = saving.catch(() => {});
    this.#saving.set(history, settled);
    await saving;
  }

  async update<T>(id: string, change: (history: ChatHistory<M>) => T | Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      const startedAt = performance.now();
      const history = await this.load(id);
      const result = await change(history);
      try {
        await this.save(id, history);
        return result;
      } catch (error) {
        if (!StreamError.is(error, "CONFLICT") || tries === UPDATE.tries) throw error;
      }
      // By chance, so that those who met do not meet again; and the longer, the slower the storage.
      const spreadMs = tries * (performance.now() - startedAt);
      const pauseMs = Math.random() * Math.min(spreadMs, UPDATE.mostPauseMs);
      await sleep(pauseMs, undefined, { keepAlive: true });
    }
  }

  async delete(id: string): Promise<void> {
    assertSessionId(id);
    await this.remove(id);
  }

  async #save(
    id: string,
    history: ChatHistory<M>,
    { json, newest }: { json: string; newest: string | undefined },
  ): Promise<void> {
    const known = this.#known.get(history)?.get(id);
    if (known === undefined) await this.#assertOurs(id);
    const brings = known !== undefined && newest !== known.newest ? newest : undefined;
    const revision = await this.write(id, { json, builtOn: known?.revision, brings });
    if (revision === null) {
      throw new StreamError("CONFLICT", `${this.placeOf(id)} has changed since it was loaded`);
    }
    this.#remember(history, id, { revision, newest });
  }

  #remember(history: ChatHistory<M>, id: string, known: Known): void {
    const byId = this.#known.get(history) ?? new Map<string, Known>();
    this.#known.set(history, byId.set(id, known));
  }

  /** What is no history is not overwritten either. */
  async #assertOurs(id: string): Promise<void> {
    const stored = await this.read(id);
    if (stored !== null) this.#parse(id, stored.json);
  }

  #parse(id: string, json: string): ChatHistory<M> {
    try {
      return ChatHistory.fromJSON<M>(json);
    } catch (cause) {
      if (!StreamError.is(cause)) throw cause;
      const message = `${this.placeOf(id)} holds what is no chat history, and keeps it: ${cause.message}`;
      throw new StreamError("UNSUPPORTED", message, { cause });
    }
  }
}

/** Bounds of one conversation. */
export interface ConversationLimits {
  /** UTF-8 bytes of its JSON. @default 16_777_216 */
  maxBytes?: number | undefined;
}

/** What of a history is stored under an id. */
interface Known {
  /** `null` for nothing. */
  revision: string | null;
  /** The message that was added last before it was stored. */
  newest: string | undefined;
}
