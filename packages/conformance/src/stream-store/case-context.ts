import type {
  CreateOptions,
  ReadOptions,
  StreamChunk,
  StreamStatus,
  StreamStore,
} from "@streambed/core/contracts";
import { OpenedStores } from "../suite/store-harness.ts";
import type { StorePair } from "../suite/store-harness.ts";
import type { StoreOptions, StreamStoreHarness } from "./harness.ts";
import { LeakWatch } from "./leak-watch.ts";

export type Reader = AsyncGenerator<StreamChunk, StreamStatus, undefined>;

/** A stream, and two ways to it. */
export interface StreamFixture extends StorePair<StreamStore> {
  id: string;
}

/** What one run of a case works with; `close` takes all of it down again. */
export class CaseContext {
  readonly #harness: StreamStoreHarness;
  readonly #stores: OpenedStores<StreamStore, StoreOptions>;
  readonly #readers: Set<Reader> = new Set();

  constructor(harness: StreamStoreHarness) {
    this.#harness = harness;
    this.#stores = new OpenedStores(harness);
  }

  /** An id that nobody has used. */
  id(): string {
    return `conformance-${crypto.randomUUID()}`;
  }

  stores(options?: StoreOptions): Promise<StorePair<StreamStore>> {
    return this.#stores.open(options);
  }

  /** A fresh stream. */
  async stream(options?: CreateOptions, storeOptions?: StoreOptions): Promise<StreamFixture> {
    const stores = await this.stores(storeOptions);
    const id = this.id();
    await stores.store.create(id, options);
    return { ...stores, id };
  }

  /** `readFrom`, left for certain when the case is over, however it ends. */
  read(store: StreamStore, id: string, afterSeq: number, options?: ReadOptions): Reader {
    const reader = store.readFrom(id, afterSeq, options);
    this.#readers.add(reader);
    return reader;
  }

  /** How long a lease of `leaseMs` lasts in this store. */
  lapseMs(leaseMs: number): number {
    const { leaseStepMs = 1 } = this.#harness;
    return Math.ceil(leaseMs / leaseStepMs) * leaseStepMs;
  }

  watchTimers(): LeakWatch {
    return new LeakWatch(this.#harness.foreignTimers);
  }

  async loseChunk(store: StreamStore, id: string): Promise<void> {
    await this.#harness.loseChunk(store, id);
  }

  async close(): Promise<void> {
    // A broken reader may never come back from `return()`; its store goes anyway.
    for (const reader of this.#readers) reader.return(undefined as never).catch(() => {});
    await this.#stores.close();
  }
}
