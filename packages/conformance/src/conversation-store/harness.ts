import type { ConversationStore } from "@streambed/core/conversation";
import type { StoreHarness } from "../suite/store-harness.ts";

/** What the cases ask of a store's constructor. */
export interface ConversationStoreOptions {
  /** How long a conversation is kept after its last save, in seconds. @default the store's own */
  ttlSec?: number | undefined;
  /** UTF-8 bytes of one conversation's JSON. @default the store's own */
  maxBytes?: number | undefined;
}

/** How the suite gets at the store under test. */
export interface ConversationStoreHarness<
  S extends ConversationStore = ConversationStore,
> extends StoreHarness<S, ConversationStoreOptions> {
  /** What is stored as the conversation `id`, as text; `null` if there is nothing. */
  peek(store: S, id: string): string | null | Promise<string | null>;
  /** Stores `text` as the conversation `id` behind the store's back, as another library would. */
  plant(store: S, id: string, text: string): void | Promise<void>;
}
