import { StreamError } from "@streambed/core/contracts";
import { ChatHistory } from "@streambed/core/conversation";
import type { ConversationWrite, StoredJson } from "@streambed/core/store-kit";
import type { MemoryConversationStoreOptions } from "../../../memory/src/index.ts";
import { BreakableConversations, conversationMutant } from "./conversation-mutant.ts";
import type { ConversationMutant } from "./conversation-mutant.ts";
import { aMoment } from "./mutant.ts";

export const loadingMutants: readonly ConversationMutant[] = [
  conversationMutant(
    "conversation-verbatim",
    "does not tell capitals from small letters in an id",
    class extends BreakableConversations {
      override read(id: string): Promise<StoredJson | null> {
        return super.read(id.toLowerCase());
      }
      override write(id: string, write: ConversationWrite): Promise<string | null> {
        return super.write(id.toLowerCase(), write);
      }
      override remove(id: string): Promise<void> {
        return super.remove(id.toLowerCase());
      }
      override peek(id: string): string | null {
        return super.peek(id.toLowerCase());
      }
      override plant(id: string, json: string): void {
        super.plant(id.toLowerCase(), json);
      }
    },
  ),

  conversationMutant(
    "conversation-verbatim",
    "makes objects of empty arrays, as cjson does",
    class extends BreakableConversations {
      override async read(id: string): Promise<StoredJson | null> {
        const stored = await super.read(id);
        return stored && { ...stored, json: stored.json.replaceAll('content":[]', 'content":{}') };
      }
    },
  ),

  conversationMutant(
    "conversation-verbatim",
    "forgets the branches that are not shown",
    class extends BreakableConversations {
      override async load(id: string): Promise<ChatHistory> {
        const history = await super.load(id);
        if (history.size === history.messages.length || this.updates > 0) return history;
        const path = new ChatHistory();
        for (const message of history.messages) path.append(message);
        return path;
      }
    },
  ),

  conversationMutant(
    "conversation-empty",
    "takes an id that somebody looks for",
    class extends BreakableConversations {
      readonly #used = new Set<string>();
      readonly #reserved = new Set<string>();
      override load(id: string): Promise<ChatHistory> {
        if (this.updates === 0 && !this.#used.has(id)) this.#reserved.add(id);
        return super.load(id);
      }
      override write(id: string, write: ConversationWrite): Promise<string | null> {
        this.#used.add(id);
        this.#reserved.delete(id);
        return super.write(id, write);
      }
      override peek(id: string): string | null {
        return super.peek(id) ?? (this.#reserved.has(id) ? "" : null);
      }
    },
  ),

  conversationMutant(
    "conversation-own-copy",
    "keeps the object that it was given",
    class extends BreakableConversations {
      readonly #given = new Map<string, { history: ChatHistory; json: string }>();
      override async save(id: string, history: ChatHistory): Promise<void> {
        await super.save(id, history);
        this.#given.set(id, { history, json: this.conversations.get(id)!.json });
      }
      override async read(id: string): Promise<StoredJson | null> {
        const stored = await super.read(id);
        const given = this.#given.get(id);
        const isSame = stored !== null && stored.json === given?.json;
        return isSame ? { ...stored, json: given.history.toJSON() } : stored;
      }
    },
  ),

  conversationMutant(
    "conversation-own-copy",
    "writes down what there is when its turn comes",
    class extends BreakableConversations {
      override async save(id: string, history: ChatHistory): Promise<void> {
        if (this.updates === 0 && this.peek(id) === null) await aMoment();
        await super.save(id, history);
      }
    },
  ),

  conversationMutant(
    "conversation-id-grammar",
    "overlooks a newline at the end",
    class extends BreakableConversations {
      override load(id: string): Promise<ChatHistory> {
        return super.load(typeof id === "string" ? id.replace(/\n$/, "") : id);
      }
    },
  ),

  conversationMutant(
    "conversation-id-grammar",
    "makes strings of other things",
    class extends BreakableConversations {
      override delete(id: string): Promise<void> {
        return super.delete(Array.isArray(id) ? String(id) : id);
      }
    },
  ),

  conversationMutant(
    "conversation-foreign",
    "takes what it cannot read for nothing",
    class extends BreakableConversations {
      override async read(id: string): Promise<StoredJson | null> {
        const stored = await super.read(id);
        try {
          if (stored !== null) ChatHistory.fromJSON(stored.json);
          return stored;
        } catch {
          return null;
        }
      }
    },
  ),

  conversationMutant(
    "conversation-foreign",
    "goes over it",
    class extends BreakableConversations {
      override async save(id: string, history: ChatHistory): Promise<void> {
        try {
          await super.save(id, history);
        } catch (error) {
          if (!StreamError.is(error, "UNSUPPORTED")) throw error;
          await this.remove(id);
          await super.save(id, history);
        }
      }
    },
  ),

  conversationMutant(
    "conversation-expiry",
    "keeps what is looked at",
    class extends BreakableConversations {
      override async read(id: string): Promise<StoredJson | null> {
        const stored = this.conversations.find(id);
        if (stored !== undefined && stored.expiresAt - performance.now() < 700) {
          stored.expiresAt += 300;
        }
        return super.read(id);
      }
    },
  ),

  conversationMutant(
    "conversation-expiry",
    "does not read its own ttlSec",
    class extends BreakableConversations {
      constructor(options?: MemoryConversationStoreOptions) {
        super({ ...options, ttlSec: options?.ttlSec === 1 ? undefined : options?.ttlSec });
      }
    },
  ),

  conversationMutant(
    "conversation-expiry",
    "counts from the first save",
    class extends BreakableConversations {
      override async write(id: string, write: ConversationWrite): Promise<string | null> {
        const before = this.conversations.find(id)?.expiresAt;
        const revision = await super.write(id, write);
        const stored = this.conversations.get(id);
        if (before !== undefined && stored !== undefined) stored.expiresAt = before;
        return revision;
      }
    },
  ),
];
