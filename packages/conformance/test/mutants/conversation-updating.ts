import { StreamError } from "@streambed/core/contracts";
import type { ChatHistory } from "@streambed/core/conversation";
import { BreakableConversations, conversationMutant, copyOf } from "./conversation-mutant.ts";
import type { ConversationMutant } from "./conversation-mutant.ts";

type Change<T> = (history: ChatHistory) => T | Promise<T>;

export const updatingMutants: readonly ConversationMutant[] = [
  conversationMutant(
    "conversation-update",
    "gives up at the first conflict",
    class extends BreakableConversations {
      override async update<T>(id: string, change: Change<T>): Promise<T> {
        let tries = 0;
        return super.update(id, (history) => {
          if (++tries > 1) throw new StreamError("CONFLICT", "it goes on changing");
          return change(history);
        });
      }
    },
  ),

  conversationMutant(
    "conversation-update",
    "makes a change once for every try",
    class extends BreakableConversations {
      override async update<T>(id: string, change: Change<T>): Promise<T> {
        let tries = 0;
        return super.update(id, async (history) => {
          if (++tries === 2) await change(history);
          return change(history);
        });
      }
    },
  ),

  conversationMutant(
    "conversation-update",
    "goes over what came in between, now and then",
    class extends BreakableConversations {
      override async save(id: string, history: ChatHistory): Promise<void> {
        const isLost = this.updates > 1 && history.size % 7 === 5;
        await super.save(id, isLost ? copyOf(history) : history);
      }
    },
  ),

  conversationMutant(
    "conversation-update-fails",
    "saves what there is when the change fails",
    class extends BreakableConversations {
      override async update<T>(id: string, change: Change<T>): Promise<T> {
        return super.update(id, async (history) => {
          try {
            return await change(history);
          } catch (error) {
            await this.save(id, history);
            throw error;
          }
        });
      }
    },
  ),

  conversationMutant(
    "conversation-update-fails",
    "takes a conflict of the caller's for its own",
    class extends BreakableConversations {
      override async update<T>(id: string, change: Change<T>): Promise<T> {
        let calls = 0;
        return super.update(id, async (history) => {
          try {
            calls++;
            return await change(history);
          } catch (error) {
            if (StreamError.is(error, "CONFLICT") && calls === 1) return change(history);
            throw error;
          }
        });
      }
    },
  ),

  conversationMutant(
    "conversation-update-bounded",
    "takes it for done in the end",
    class extends BreakableConversations {
      override async update<T>(id: string, change: Change<T>): Promise<T> {
        let result: T | undefined;
        try {
          return await super.update(id, async (history) => (result = await change(history)));
        } catch (error) {
          if (!StreamError.is(error, "CONFLICT") || error.message === "of another kind")
            throw error;
          return result as T;
        }
      }
    },
  ),

  conversationMutant(
    "conversation-delete",
    "deletes an id once",
    class extends BreakableConversations {
      readonly #deleted = new Set<string>();
      override async remove(id: string): Promise<void> {
        if (this.#deleted.has(id)) return;
        if (this.peek(id) !== null) this.#deleted.add(id);
        await super.remove(id);
      }
    },
  ),

  conversationMutant(
    "conversation-delete",
    "refuses where there is nothing",
    class extends BreakableConversations {
      override async remove(id: string): Promise<void> {
        if (this.peek(id) === null) throw new StreamError("NOT_FOUND", "nothing to delete");
        await super.remove(id);
      }
    },
  ),
];
