import { expect } from "vitest";
import { ChatHistory } from "@streambed/core/conversation";
import type { ConversationStore } from "@streambed/core/conversation";
import type { ContractCase } from "../suite/contract-case.ts";
import { OpenedStores } from "../suite/store-harness.ts";
import type { StorePair } from "../suite/store-harness.ts";
import type { ConversationStoreHarness, ConversationStoreOptions } from "./harness.ts";

/** One promise of the contract of conversations. */
export type ConversationStoreCase = ContractCase<ConversationContext>;

/** A session that nobody has used, and two ways to its conversation. */
export interface ConversationFixture extends StorePair<ConversationStore> {
  id: string;
}

/** What one run of a case works with; `close` takes all of it down again. */
export class ConversationContext {
  readonly #harness: ConversationStoreHarness;
  readonly #stores: OpenedStores<ConversationStore, ConversationStoreOptions>;

  constructor(harness: ConversationStoreHarness) {
    this.#harness = harness;
    this.#stores = new OpenedStores(harness);
  }

  /** The id of a session that nobody has used. */
  id(): string {
    return `conformance-${crypto.randomUUID()}`;
  }

  stores(options?: ConversationStoreOptions): Promise<StorePair<ConversationStore>> {
    return this.#stores.open(options);
  }

  async fixture(options?: ConversationStoreOptions): Promise<ConversationFixture> {
    return { ...(await this.stores(options)), id: this.id() };
  }

  async peek(store: ConversationStore, id: string): Promise<string | null> {
    return this.#harness.peek(store, id);
  }

  async plant(store: ConversationStore, id: string, text: string): Promise<void> {
    await this.#harness.plant(store, id, text);
  }

  close(): Promise<void> {
    return this.#stores.close();
  }
}

/** Says `text` behind what was said last, and returns the message's id. */
export function say(history: ChatHistory, text: string): string {
  return history.append({ role: "user", content: text });
}

/** A history in which this was said, one message behind the other. */
export function talk(...texts: string[]): ChatHistory {
  const history = new ChatHistory();
  for (const text of texts) say(history, text);
  return history;
}

/** What is said on the active path. */
export function textsOf(history: ChatHistory): string[] {
  return history.messages.map(({ content }) => content);
}

/** Fails unless this is what every store object finds. */
export async function expectStored(
  { store, peer, id }: ConversationFixture,
  texts: readonly string[],
  what?: string,
): Promise<void> {
  for (const one of [store, peer]) expect(textsOf(await one.load(id)), what).toEqual(texts);
}
