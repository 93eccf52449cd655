import type { ActiveStreams } from "@streambed/core/contracts";
import type { StoreHarness } from "../suite/store-harness.ts";

/** What the cases ask of a constructor. */
export interface ActiveStreamsOptions {
  /** How long a pointer is kept, in seconds. @default the store's own */
  ttlSec?: number | undefined;
}

/** How the suite gets at the pointers under test. */
export type ActiveStreamsHarness<A extends ActiveStreams = ActiveStreams> = StoreHarness<
  A,
  ActiveStreamsOptions
>;
