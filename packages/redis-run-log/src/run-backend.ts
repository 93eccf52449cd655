import { StreamError } from "@streambed/core/contracts";
import { assertPositiveInteger } from "@streambed/core/store-kit";
import { ScriptBackend } from "@streambed/redis-stream-store/kit";
import type { BackendParts } from "@streambed/redis-stream-store/kit";
import { assertPrefix, runKeys } from "./keys.ts";
import type { RunKeys } from "./keys.ts";
import { runLayout } from "./run-layout.ts";
import type { RunView } from "./run-layout.ts";
import { IDLE_TIMEOUT_MS } from "./run-log-options.ts";
import type { RunLogOptions } from "./run-log-options.ts";

export interface RunBackendOptions extends RunLogOptions {
  view: RunView;
  /** Entries that one look brings, at most. */
  batchSize: number;
}

/**
 * What opens the backend of a store of run logs.
 *
 * @throws StreamError `INVALID_OPTION`; when called, `UNSUPPORTED` for a client that runs no scripts
 */
export function runBackend(options: RunBackendOptions): (parts: BackendParts) => ScriptBackend {
  const { prefix = "sse:run", idleTimeoutMs = IDLE_TIMEOUT_MS, view, batchSize } = options;
  assertPrefix(prefix);
  assertPositiveInteger("idleTimeoutMs", idleTimeoutMs);
  assertPositiveInteger("batchSize", batchSize);
  return ({ driver, ...parts }) => {
    if (!("run" in driver)) throw new StreamError("UNSUPPORTED", NO_SCRIPTS);
    const layout = runLayout({ view, idleTimeoutMs, batchSize });
    const keysOf = (runId: string): RunKeys => runKeys(prefix, runId);
    const { run, isCluster } = driver;
    return new ScriptBackend({ ...parts, run, keysOf, layout, sharesScripts: !isCluster });
  };
}

const NO_SCRIPTS =
  "the run log needs a client that runs scripts: ioredis, redis (node-redis) or @upstash/redis";
