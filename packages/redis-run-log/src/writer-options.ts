import { StreamError } from "@streambed/core/contracts";
import { assertPositiveInteger, toBatch } from "@streambed/core/store-kit";
import type { RunLogOptions } from "./run-log-options.ts";

export interface RunLogWriterOptions extends RunLogOptions {
  /** The least time between two flushes of a run, in milliseconds; 0 stores what there is. @default 500 */
  flushIntervalMs?: number | undefined;
  /** How many chunks do not wait for that. @default 50 */
  flushSize?: number | undefined;
  /** About how many entries a run keeps; older ones are trimmed. 0 keeps all. @default 10_000 */
  maxLength?: number | undefined;
  /** UTF-8 bytes of one chunk. @default 1_048_576 */
  maxChunkBytes?: number | undefined;
  /**
   * How long a writer may be silent, in milliseconds. `pipeRun`: then it is lost. `RunLogWriter`: then another
   * takes over its runs, and after twice that, if none has, it is lost. @default 15_000
   */
  leaseMs?: number | undefined;
}

export interface WriterTiming {
  flushIntervalMs: number;
  flushSize: number;
  leaseMs: number;
}

/** A writer's options, checked and sorted by whose they are. @throws StreamError `INVALID_OPTION` */
export function writerOptions(options: RunLogWriterOptions): {
  timing: WriterTiming;
  maxLength: number;
  log: RunLogOptions;
  /** @throws StreamError `INVALID_CHUNK`, `LIMIT` */
  assertChunk: (data: unknown) => void;
} {
  const { flushIntervalMs = 500, flushSize = 50, leaseMs = 15_000, ...rest } = options;
  const { maxLength = 10_000, maxChunkBytes = 1_048_576, ...log } = rest;
  for (const [name, value] of Object.entries({ flushSize, leaseMs, maxChunkBytes })) {
    assertPositiveInteger(name, value);
  }
  if (flushIntervalMs !== 0) assertPositiveInteger("flushIntervalMs", flushIntervalMs);
  if (maxLength !== 0) assertPositiveInteger("maxLength", maxLength);
  const limits = { maxChunkBytes, maxChunks: Infinity, maxBytes: Infinity };
  return {
    timing: { flushIntervalMs, flushSize, leaseMs },
    maxLength,
    log,
    assertChunk(data) {
      if (typeof data !== "string") throw new StreamError("INVALID_CHUNK", "data must be a string");
      toBatch(data, limits);
    },
  };
}
