import { StreamError } from "@streambed/core/contracts";

/** The keys of one run. A cluster keeps both on one node: it hashes what is in the first braces, else the whole key. */
export interface RunKeys {
  /** String: what Python ignores, the status as JSON. */
  status: string;
  /** Stream: the entries. */
  chunks: string;
  /** Channel: where the scripts announce what they have stored. */
  live: string;
}

/** Every key that this package touches is made here. */
export function runKeys(prefix: string, runId: string): RunKeys {
  const log = `${prefix}:${runId}`;
  return { status: `{${log}}:meta`, chunks: log, live: `{${log}}:live` };
}

/** @throws StreamError `INVALID_OPTION` for one that would part a run's keys on a cluster */
export function assertPrefix(prefix: unknown): void {
  if (typeof prefix !== "string" || /[{}]/.test(prefix)) {
    throw new StreamError("INVALID_OPTION", "prefix must be a string without braces");
  }
}
