import type { StreamLimits } from "@streambed/core/contracts";
import type { RedisClient } from "@streambed/redis-driver";
import { BackedStreamStore } from "@streambed/redis-stream-store/kit";
import { runBackend } from "./run-backend.ts";
import { CHUNKS } from "./run-layout.ts";
import { TTL_SEC } from "./run-log-options.ts";
import type { RunLogOptions } from "./run-log-options.ts";

export interface RedisRunLogStoreOptions extends RunLogOptions, StreamLimits {}

/** Entries that one look brings, at most; as a rule 256 KiB are less. */
const BATCH_SIZE = 2_000;

/**
 * Run logs as streams: the engine, the handlers and the client work on them. A chunk is stored as the event
 * that it stands for, and an event that a Python server wrote is read as a chunk; how a stream ended is the
 * log's last entry. A log of a writer without a lease ends, for readers, as `error: producer lost` after
 * `idleTimeoutMs` of silence.
 */
export class RedisRunLogStore extends BackedStreamStore {
  /** @throws StreamError `UNSUPPORTED` for a client that runs no scripts, `INVALID_OPTION` */
  constructor(redis: RedisClient, options: RedisRunLogStoreOptions = {}) {
    const { ttlSec = TTL_SEC } = options;
    super(
      redis,
      { ...options, ttlSec },
      runBackend({ ...options, batchSize: BATCH_SIZE, view: CHUNKS }),
    );
  }
}
