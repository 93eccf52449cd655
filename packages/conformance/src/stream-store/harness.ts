import type { StreamLimits, StreamStore } from "@streambed/core/contracts";
import type { StoreHarness } from "../suite/store-harness.ts";

/** What the cases ask of a store's constructor. */
export interface StoreOptions extends StreamLimits {
  /** How long a stream is kept after its end, in seconds. @default the store's own */
  ttlSec?: number | undefined;
}

/** How the suite gets at the store under test. */
export interface StreamStoreHarness<S extends StreamStore = StreamStore> extends StoreHarness<
  S,
  StoreOptions
> {
  /** Removes the last stored chunk of `id` behind the store's back, and leaves the status as it is. */
  loseChunk(store: S, id: string): void | Promise<void>;
  /** What the store rounds leases up to, in milliseconds. @default 1 */
  leaseStepMs?: 1 | 1000 | undefined;
  /**
   * Parts of paths of code that is not the store's, such as the user's client: a timer that it sets is
   * not one that a reader has left behind. @default none
   */
  foreignTimers?: readonly string[] | undefined;
}
