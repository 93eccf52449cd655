import type { QueueEntry, StateAdapter } from "chat";
import type { ContractCase } from "../suite/contract-case.ts";
import { OpenedStores } from "../suite/store-harness.ts";
import type { StorePair } from "../suite/store-harness.ts";
import type { Place, StateAdapterHarness } from "./harness.ts";

/** One promise of a state adapter. */
export type StateAdapterCase = ContractCase<StateContext>;

/** An id that nobody has used, and two adapters, both connected. */
export interface StateFixture extends StorePair<StateAdapter> {
  id: string;
}

/** What one run of a case works with; `close` takes all of it down again. */
export class StateContext {
  readonly #harness: StateAdapterHarness;
  readonly #adapters: OpenedStores<StateAdapter, never>;
  readonly #given: Set<StateAdapter> = new Set();

  constructor(harness: StateAdapterHarness) {
    this.#harness = harness;
    this.#adapters = new OpenedStores(harness);
  }

  /** An id of a thread, or a key, that nobody has used. */
  id(): string {
    return `conformance:${crypto.randomUUID()}`;
  }

  /** Two adapters as they were made. */
  async unconnected(): Promise<StorePair<StateAdapter>> {
    const pair = await this.#adapters.open();
    for (const one of [pair.store, pair.peer]) this.#given.add(one);
    return pair;
  }

  async adapters(): Promise<StorePair<StateAdapter>> {
    const pair = await this.unconnected();
    await Promise.all([pair.store.connect(), pair.peer.connect()]);
    return pair;
  }

  async fixture(): Promise<StateFixture> {
    return { ...(await this.adapters()), id: this.id() };
  }

  async plant(adapter: StateAdapter, place: Place, id: string, text: string): Promise<void> {
    await this.#harness.plant?.(adapter, place, id, text);
  }

  async unread(adapter: StateAdapter, id: string): Promise<string[]> {
    return (await this.#harness.unread?.(adapter, id)) ?? [];
  }

  async close(): Promise<void> {
    // Whether that works is for cases of its own to tell.
    for (const one of this.#given) await one.disconnect().catch(() => {});
    await this.#adapters.close();
  }
}

/** An entry with this text, as the Chat SDK queues it, but that its message is a plain object. */
export function entry(text: string, expiresAt: number = Date.now() + 90_000): QueueEntry {
  const message = { _type: "chat:Message", id: text, text, raw: null, attachments: [] };
  return {
    message: message as unknown as QueueEntry["message"],
    enqueuedAt: 1_700_000_000_000,
    expiresAt,
  };
}

/** The text of an entry, `null` for none. */
export function textOf(one: QueueEntry | null): string | null {
  return one && one.message.text;
}

/** Everything that is left of a queue. */
export async function drainQueue(adapter: StateAdapter, id: string): Promise<(string | null)[]> {
  const texts: (string | null)[] = [];
  // No queue of the cases is as long.
  while (texts.length < 1000) {
    const one = await adapter.dequeue(id);
    if (one === null) break;
    texts.push(textOf(one));
  }
  return texts;
}
