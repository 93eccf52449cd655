import type { StreamLimits } from "@streambed/core/contracts";
import type { BackedStreamStoreOptions } from "@streambed/redis-stream-store/kit";

/** How to reach run logs: what the writer, the readers and the store have in common. */
export interface RunLogOptions extends Omit<
  BackedStreamStoreOptions,
  "ttlSec" | keyof StreamLimits
> {
  /** What every key begins with: `<prefix>:<runId>`. @default "sse:run" */
  prefix?: string | undefined;
  /** How long a log is kept after it was last written to, in seconds. @default 10_800 */
  ttlSec?: number | undefined;
  /**
   * After how long a silence, in milliseconds, a run counts as abandoned whose writer keeps no lease, as
   * Letta's Python server does not. @default 300_000
   */
  idleTimeoutMs?: number | undefined;
}

/** How long a log is kept, in seconds, as Letta has it. */
export const TTL_SEC = 10_800;

export const IDLE_TIMEOUT_MS = 300_000;
