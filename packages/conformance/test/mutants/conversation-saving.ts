import { StreamError } from "@streambed/core/contracts";
import { ChatHistory } from "@streambed/core/conversation";
import { judgeWrite } from "@streambed/core/store-kit";
import type { ConversationWrite, StoredJson } from "@streambed/core/store-kit";
import type { MemoryConversationStoreOptions } from "../../../memory/src/index.ts";
import { BreakableConversations, conversationMutant, copyOf } from "./conversation-mutant.ts";
import type { ConversationMutant } from "./conversation-mutant.ts";
import { aMoment } from "./mutant.ts";

export const savingMutants: readonly ConversationMutant[] = [
  conversationMutant(
    "conversation-conflict",
    "looks first and writes later",
    class extends BreakableConversations {
      override async write(id: string, write: ConversationWrite): Promise<string | null> {
        const judgement = judgeWrite(this.peek(id), write);
        if (this.updates > 0 || judgement !== "make") return super.write(id, write);
        await aMoment();
        return super.write(id, { ...write, builtOn: undefined });
      }
    },
  ),

  conversationMutant(
    "conversation-conflict",
    "brings back what was deleted",
    class extends BreakableConversations {
      readonly #deleted = new Set<string>();
      readonly #saved = new WeakSet<ChatHistory>();
      override async save(id: string, history: ChatHistory): Promise<void> {
        const isGone = this.#deleted.has(id) && this.peek(id) === null;
        await super.save(id, isGone && !this.#saved.has(history) ? copyOf(history) : history);
        this.#saved.add(history);
      }
      override async remove(id: string): Promise<void> {
        this.#deleted.add(id);
        await super.remove(id);
      }
    },
  ),

  conversationMutant(
    "conversation-conflict",
    "counts messages instead of comparing",
    class extends BreakableConversations {
      override async read(id: string): Promise<StoredJson | null> {
        const stored = await super.read(id);
        return stored && { ...stored, revision: countOf(stored.json) };
      }
      override async write(id: string, write: ConversationWrite): Promise<string | null> {
        const stored = this.peek(id);
        const { builtOn } = write;
        const isSame = stored !== null && countOf(stored) === builtOn;
        const isWritten = await super.write(id, isSame ? { ...write, builtOn: undefined } : write);
        return isWritten && countOf(write.json);
      }
    },
  ),

  conversationMutant(
    "conversation-save-again",
    "takes a history once",
    class extends BreakableConversations {
      readonly #saved = new WeakSet<ChatHistory>();
      override async save(id: string, history: ChatHistory): Promise<void> {
        if (typeof history === "object" && history !== null && this.#saved.has(history)) {
          throw new StreamError("CONFLICT", "it has changed");
        }
        await super.save(id, history);
        this.#saved.add(history);
      }
    },
  ),

  conversationMutant(
    "conversation-save-again",
    "goes over what came after the last save",
    class extends BreakableConversations {
      readonly #saved = new WeakSet<ChatHistory>();
      override async save(id: string, history: ChatHistory): Promise<void> {
        const isAgain = history instanceof ChatHistory && this.#saved.has(history);
        await super.save(id, isAgain ? copyOf(history) : history);
        this.#saved.add(history);
      }
    },
  ),

  conversationMutant(
    "conversation-save-again",
    "remembers one id of each history",
    class extends BreakableConversations {
      readonly #last = new WeakMap<ChatHistory, string>();
      override async save(id: string, history: ChatHistory): Promise<void> {
        const isOne = history instanceof ChatHistory;
        const last = isOne ? this.#last.get(history) : undefined;
        await super.save(id, last !== undefined && last !== id ? copyOf(history) : history);
        if (isOne) this.#last.set(history, id);
      }
    },
  ),

  conversationMutant(
    "conversation-overwrite",
    "refuses to replace what it has not handed out",
    class extends BreakableConversations {
      readonly #known = new WeakMap<ChatHistory, Set<string>>();
      override async load(id: string): Promise<ChatHistory> {
        const history = await super.load(id);
        return this.#remember(id, history);
      }
      override async save(id: string, history: ChatHistory): Promise<void> {
        const isKnown = !(history instanceof ChatHistory) || this.#known.get(history)?.has(id);
        if (!isKnown && isHistory(this.peek(id))) throw new StreamError("CONFLICT", "not mine");
        await super.save(id, history);
        this.#remember(id, history);
      }
      #remember(id: string, history: ChatHistory): ChatHistory {
        this.#known.set(history, (this.#known.get(history) ?? new Set()).add(id));
        return history;
      }
    },
  ),

  conversationMutant(
    "conversation-limit",
    "counts characters",
    class extends BreakableConversations {
      readonly #most: number | undefined;
      constructor(options: MemoryConversationStoreOptions = {}) {
        const { maxBytes } = options;
        super({ ...options, maxBytes: Number.isInteger(maxBytes) ? maxBytes! * 4 : maxBytes });
        this.#most = options.maxBytes;
      }
      override async save(id: string, history: ChatHistory): Promise<void> {
        const length = history instanceof ChatHistory ? history.toJSON().length : 0;
        if (length > (this.#most ?? Infinity)) throw new StreamError("LIMIT", "too long");
        await super.save(id, history);
      }
    },
  ),

  conversationMutant(
    "conversation-limit",
    "forgets what is there for what is too long",
    class extends BreakableConversations {
      override async save(id: string, history: ChatHistory): Promise<void> {
        try {
          await super.save(id, history);
        } catch (error) {
          if (StreamError.is(error, "LIMIT")) await this.remove(id);
          throw error;
        }
      }
    },
  ),

  conversationMutant(
    "conversation-option-range",
    "makes do with a ttlSec of 0",
    class extends BreakableConversations {
      constructor(options?: MemoryConversationStoreOptions) {
        super({ ...options, ttlSec: options?.ttlSec === 0 ? undefined : options?.ttlSec });
      }
    },
  ),

  conversationMutant(
    "conversation-option-range",
    "takes whatever can be written as a history",
    class extends BreakableConversations {
      override save(id: string, history: ChatHistory): Promise<void> {
        const { toJSON } = Object(history) as Partial<ChatHistory>;
        const isAlike = toJSON !== undefined && !(history instanceof ChatHistory);
        return super.save(id, isAlike ? copyOf(history) : history);
      }
    },
  ),
];

function countOf(json: string): string {
  return String(json.split('"parentId"').length - 1);
}

function isHistory(json: string | null): boolean {
  try {
    return json !== null && ChatHistory.fromJSON(json) instanceof ChatHistory;
  } catch {
    return false;
  }
}
