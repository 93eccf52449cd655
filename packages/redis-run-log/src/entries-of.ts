import type { RedisClient } from "@streambed/redis-driver";
import { RunLog } from "./run-log.ts";
import type { EntriesOptions } from "./run-log.ts";

/** How many are remembered: who makes options of a tenant's name makes no end of them. */
const MOST = 100;

const logs: WeakMap<object, { options: EntriesOptions; log: RunLog }[]> = new WeakMap();

/** The logs of one client as they are. The same object for the same options: readers of a run share its tail. */
export function entriesOf(redis: RedisClient, options: EntriesOptions): RunLog {
  const known = logs.get(redis) ?? [];
  const same = known.find((one) => isSame(one.options, options));
  if (same !== undefined) return same.log;
  const log = new RunLog(redis, options);
  if (known.length === MOST) known.shift();
  known.push({ options, log });
  logs.set(redis, known);
  return log;
}

function isSame(left: EntriesOptions, right: EntriesOptions): boolean {
  const names = Object.keys({ ...left, ...right }) as (keyof EntriesOptions)[];
  return names.every((name) => left[name] === right[name]);
}
