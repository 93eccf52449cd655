import type { StateAdapter } from "chat";
import type { StoreHarness } from "../suite/store-harness.ts";

/** Where something can be put that no adapter has written. */
export type Place = "cache" | "list" | "queue";

/** How the suite gets at the adapters under test. The cases connect them, and disconnect them in the end. */
export interface StateAdapterHarness<S extends StateAdapter = StateAdapter> extends StoreHarness<
  S,
  never
> {
  /**
   * Stores `text` behind the adapter's back, as a peer in another language would: as the value of a key, or
   * behind the last element of a list or a queue. Without it, as in memory, nothing foreign can come to be
   * there, and the cases for it are left out.
   */
  plant?(adapter: S, place: Place, id: string, text: string): void | Promise<void>;
  /**
   * The texts of a queue that no adapter has handed out, wherever they are kept: on the queue itself, or
   * beside it. Goes with `plant`.
   */
  unread?(adapter: S, id: string): string[] | Promise<string[]>;
}
