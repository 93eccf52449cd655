import type { StreamLimits, StreamStore } from "@streambed/core/contracts";

/** What the cases ask of a store's constructor. */
export interface StoreOptions extends StreamLimits {
  /** How long a stream is kept after its end, in seconds. @default the store's own */
  ttlSec?: number | undefined;
}

/** How the suite gets at the store under test. */
export interface StreamStoreHarness<S extends StreamStore = StreamStore> {
  /** A new store, on storage that it may share with other tests: ids are random. */
  create(options?: StoreOptions): S | Promise<S>;
  /**
   * Another store object on the storage of `store`, as another process would have it: its own
   * connection, the same data. Where there can be no such thing (memory), `store` itself.
   */
  createPeer(store: S, options?: StoreOptions): S | Promise<S>;
  /** Removes the last stored chunk of `id` behind the store's back, and leaves the status as it is. */
  loseChunk(store: S, id: string): void | Promise<void>;
  /** Called once for each object that `create` and `createPeer` returned, the youngest first. */
  destroy?(store: S): void | Promise<void>;
  /**
   * Parts of paths of code that is not the store's, such as the user's client: a timer that it sets is
   * not one that a reader has left behind. @default none
   */
  foreignTimers?: readonly string[] | undefined;
  /** Promises that this store is known not to keep. Each must fail: once fixed, its entry has to go. */
  deviations?: readonly Deviation[] | undefined;
}

export interface Deviation {
  /** Id of an `INVARIANT` line of the contract. */
  invariant: string;
  /** Title of the one case that fails; the others of the invariant hold. @default all of them count as one */
  case?: string | undefined;
  /** Why, in words for the store's README. */
  reason: string;
}
