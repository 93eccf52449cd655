import type { RedisClient } from "@streambed/redis-driver";
import { ENTRIES } from "./run-layout.ts";
import { RunLog } from "./run-log.ts";
import type { RunLogOptions } from "./run-log.ts";

export interface EntriesOptions extends RunLogOptions {
  /** Entries that one request brings, at most. @default 100 */
  batchSize?: number | undefined;
}

/** A log is bounded by its writer's `maxLength`, an entry by its `maxChunkBytes`. */
const UNBOUNDED = { maxChunks: 1e12, maxBytes: 1e12, maxChunkBytes: 1e12 };

const logs: WeakMap<object, { options: EntriesOptions; log: RunLog }[]> = new WeakMap();

/** The logs of one client as they are. The same object for the same options: readers of a run share its tail. */
export function entriesOf(redis: RedisClient, options: EntriesOptions): RunLog {
  const known = logs.get(redis) ?? [];
  const same = known.find((one) => isSame(one.options, options));
  if (same !== undefined) return same.log;
  const { batchSize = 100 } = options;
  const log = new RunLog(redis, { ...UNBOUNDED, ...options, batchSize, view: ENTRIES });
  known.push({ options, log });
  logs.set(redis, known);
  return log;
}

function isSame(left: EntriesOptions, right: EntriesOptions): boolean {
  const names = Object.keys({ ...left, ...right }) as (keyof EntriesOptions)[];
  return names.every((name) => left[name] === right[name]);
}
