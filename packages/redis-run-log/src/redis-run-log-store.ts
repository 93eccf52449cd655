import type { StreamLimits } from "@streambed/core/contracts";
import type { RedisClient } from "@streambed/redis-driver";
import { CHUNKS } from "./run-layout.ts";
import { RunLog } from "./run-log.ts";
import type { RunLogOptions } from "./run-log.ts";

export interface RedisRunLogStoreOptions extends RunLogOptions, StreamLimits {}

/**
 * Run logs as streams: the engine, the handlers and the client work on them. A chunk is stored as the event
 * that it stands for, and an event that a Python server wrote is read as a chunk; how a stream ended is the
 * log's last entry. A log of a writer without a lease ends, for readers, as `error: producer lost` after
 * `idleTimeoutMs` of silence.
 */
export class RedisRunLogStore extends RunLog {
  /** @throws StreamError `UNSUPPORTED` for a client that runs no scripts, `INVALID_OPTION` */
  constructor(redis: RedisClient, options: RedisRunLogStoreOptions = {}) {
    super(redis, { ...options, view: CHUNKS });
  }
}
