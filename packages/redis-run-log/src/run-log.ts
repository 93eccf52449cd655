import { StreamError } from "@streambed/core/contracts";
import type { StreamStatus } from "@streambed/core/contracts";
import { assertStreamId } from "@streambed/core/store-kit";
import type { RedisClient } from "@streambed/redis-driver";
import { BackedStreamStore } from "@streambed/redis-stream-store/kit";
import type { ScriptBackend } from "@streambed/redis-stream-store/kit";
import { runBackend } from "./run-backend.ts";
import { ENTRIES } from "./run-layout.ts";
import { IDLE_TIMEOUT_MS, TTL_SEC } from "./run-log-options.ts";
import type { RunLogOptions } from "./run-log-options.ts";
import { openScript, releaseScript } from "./scripts.generated.ts";

export interface EntriesOptions extends RunLogOptions {
  /** Entries that one request brings, at most. @default 100 */
  batchSize?: number | undefined;
}

export interface OpenOptions {
  writer: string;
  leaseMs: number;
  /** After how long a silence of a writer, in milliseconds, another goes on with its log. @default never */
  handoverMs?: number | undefined;
  /** About how many entries the log keeps. */
  maxLength: number;
}

/** A log is bounded by its writer's `maxLength`, an entry by its `maxChunkBytes`. */
const UNBOUNDED = { maxChunks: 1e12, maxBytes: 1e12, maxChunkBytes: 1e12 };

/** Run logs as streams of their entries, as they are; and what a writer of ours needs beyond that. */
export class RunLog extends BackedStreamStore {
  readonly #backend: ScriptBackend;
  readonly #ttlSec: number;
  readonly #idleTimeoutMs: number;

  /** @throws StreamError `UNSUPPORTED` for a client that runs no scripts, `INVALID_OPTION` */
  constructor(redis: RedisClient, options: EntriesOptions) {
    const { ttlSec = TTL_SEC, idleTimeoutMs = IDLE_TIMEOUT_MS, batchSize = 100 } = options;
    const open = runBackend({ ...options, batchSize, view: ENTRIES });
    let backend: ScriptBackend | undefined;
    super(redis, { ...UNBOUNDED, ...options, ttlSec }, (parts) => (backend = open(parts)));
    this.#backend = backend!;
    this.#ttlSec = ttlSec;
    this.#idleTimeoutMs = idleTimeoutMs;
  }

  /**
   * Starts a log, or with `handoverMs` goes on with one whose writer has left or been silent for that long.
   * Resolves to the seq of its last entry.
   *
   * @throws StreamError `ALREADY_EXISTS` while somebody else writes it, `NOT_ACTIVE`
   */
  async open(
    runId: string,
    { writer, leaseMs, handoverMs, maxLength }: OpenOptions,
  ): Promise<number> {
    assertStreamId(runId);
    const log = { epoch: crypto.randomUUID(), writer, leaseMs, ttlSec: this.#ttlSec };
    const takeover = handoverMs === undefined ? "" : String(handoverMs);
    const more = [takeover, String(maxLength), String(this.#idleTimeoutMs)];
    const args = [...this.#backend.createArgs(runId, log), ...more];
    const [, seq] = await this.repeated(() => this.#backend.run(runId, openScript, args));
    return seq as number;
  }

  /**
   * The status, as a reader behind `afterSeq` would find it.
   *
   * @throws StreamError `NOT_FOUND`, `INVALID_CURSOR`, and what a reader would be told at once: `LOST`, `ABANDONED`
   */
  async statusBehind(runId: string, afterSeq: number): Promise<StreamStatus> {
    assertStreamId(runId);
    const page = await this.repeated(() => this.#backend.read(runId, afterSeq, 1));
    if (page === null) throw new StreamError("NOT_FOUND", `there is no run ${runId}`);
    const { totalChunks } = page.status;
    if (afterSeq > totalChunks) {
      throw new StreamError("INVALID_CURSOR", `the cursor ${afterSeq} is past seq ${totalChunks}`);
    }
    if (afterSeq < totalChunks && page.chunks.length === 0) {
      throw new StreamError("LOST", `entry ${afterSeq + 1} of the run ${runId} is gone`);
    }
    return page.status;
  }

  /** Lets another writer go on at once. Readers wait for one as long as for a writer without a lease. */
  async release(runId: string, writer: string): Promise<void> {
    const args = [writer, String(this.#ttlSec), String(this.#idleTimeoutMs)];
    await this.repeated(() => this.#backend.run(runId, releaseScript, args));
  }
}
