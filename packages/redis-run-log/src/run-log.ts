import { assertStreamId } from "@streambed/core/store-kit";
import type { RedisClient } from "@streambed/redis-driver";
import { BackedStreamStore } from "@streambed/redis-stream-store/kit";
import type { ScriptBackend } from "@streambed/redis-stream-store/kit";
import { runBackend } from "./run-backend.ts";
import { ENTRIES } from "./run-layout.ts";
import { TTL_SEC } from "./run-log-options.ts";
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

  /** @throws StreamError `UNSUPPORTED` for a client that runs no scripts, `INVALID_OPTION` */
  constructor(redis: RedisClient, options: EntriesOptions) {
    const { ttlSec = TTL_SEC, batchSize = 100 } = options;
    const open = runBackend({ ...options, batchSize, view: ENTRIES });
    let backend: ScriptBackend | undefined;
    super(redis, { ...UNBOUNDED, ...options, ttlSec }, (parts) => (backend = open(parts)));
    this.#backend = backend!;
    this.#ttlSec = ttlSec;
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
    const args = [...this.#backend.createArgs(runId, log), takeover, String(maxLength)];
    const [, seq] = await this.repeated(() => this.#backend.run(runId, openScript, args));
    return seq as number;
  }

  /** Lets another writer go on at once. */
  async release(runId: string, writer: string): Promise<void> {
    const args = [writer, String(this.#ttlSec)];
    await this.repeated(() => this.#backend.run(runId, releaseScript, args));
  }
}
