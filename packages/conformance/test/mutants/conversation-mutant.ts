import { ChatHistory } from "@streambed/core/conversation";
// By path, as in mutant.ts.
import { MemoryConversationStore } from "../../../memory/src/index.ts";
import type { MemoryConversationStoreOptions } from "../../../memory/src/index.ts";
import type { ConversationStoreHarness } from "../../src/index.ts";
import type { Mutant } from "./mutant.ts";

/** Conversations that keep every promise but one. */
export type ConversationMutant = Mutant<ConversationStoreHarness<BreakableConversations>>;

/** A right store, to be broken. */
export class BreakableConversations extends MemoryConversationStore {
  /** How many updates are under way: some mutants break a promise of `save` alone. */
  protected updates = 0;

  /** What "another process" gets. */
  createPeer(): BreakableConversations {
    return this;
  }

  override async update<T>(
    id: string,
    change: (history: ChatHistory) => T | Promise<T>,
  ): Promise<T> {
    this.updates++;
    try {
      return await super.update(id, change);
    } finally {
      this.updates--;
    }
  }

  peek(id: string): string | null {
    return this.conversations.find(id)?.json ?? null;
  }

  plant(id: string, json: string): void {
    this.conversations.put(id, { json, expiresAt: Infinity });
  }
}

/** The same conversation, which no store has handed out. */
export function copyOf(history: ChatHistory): ChatHistory {
  return ChatHistory.fromJSON(history.toJSON());
}

export function conversationMutant(
  breaks: string,
  how: string,
  Store: new (options?: MemoryConversationStoreOptions) => BreakableConversations,
): ConversationMutant {
  return {
    breaks,
    how,
    harness: {
      create: (options) => new Store(options),
      createPeer: (store) => store.createPeer(),
      peek: (store, id) => store.peek(id),
      plant: (store, id, text) => store.plant(id, text),
    },
  };
}
