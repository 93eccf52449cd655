import { setImmediate as giveWay } from "node:timers/promises";
import { StreamError } from "@streambed/core/contracts";
import type {
  AppendOptions,
  CreateOptions,
  ReadOptions,
  StreamChunk,
  StreamEnd,
  StreamLimits,
  StreamStatus,
  StreamStore,
} from "@streambed/core/contracts";
import {
  assertAppendOptions,
  assertCreateOptions,
  assertCursor,
  assertFits,
  assertPositiveInteger,
  assertStreamId,
  assertText,
  followStream,
  resolveLimits,
  toBatch,
} from "@streambed/core/store-kit";
import type { StreamPage } from "@streambed/core/store-kit";
import { ChangeWatcher } from "./change-watcher.ts";
import { SqliteFile } from "./sqlite-file.ts";
import { dueAt, end, renew, StreamRows, toStatus } from "./stream-rows.ts";
import type { StreamRow } from "./stream-rows.ts";

export interface SqliteStreamStoreOptions extends StreamLimits {
  /** How long a stream is kept after its end, in seconds. @default 300 */
  ttlSec?: number | undefined;
  /** How often a reader looks for what other processes wrote: 1 to 1000. @default 25 */
  pollIntervalMs?: number | undefined;
  /** How long a call waits for another process's lock before it is `UNAVAILABLE`. @default 5000 */
  timeoutMs?: number | undefined;
}

/**
 * Streams in one SQLite file: they outlive the process, and every process on the machine that opens the
 * file sees them. Calls block the event loop while SQLite works, tens of microseconds as a rule.
 *
 * Each method is one transaction, on the machine's wall clock.
 */
export class SqliteStreamStore implements StreamStore {
  readonly #file: SqliteFile;
  readonly #rows: StreamRows;
  readonly #watcher: ChangeWatcher;
  readonly #limits: ReturnType<typeof resolveLimits>;
  readonly #ttlSec: number;

  /**
   * Opens the file, and creates it if there is none; its directory must exist.
   *
   * @throws StreamError `INVALID_OPTION`, `UNAVAILABLE` (the file cannot be opened, or is no database),
   * `UNSUPPORTED` (it is another application's, or of a later version)
   */
  constructor(path: string, options: SqliteStreamStoreOptions = {}) {
    assertPositiveInteger("ttlSec", options.ttlSec);
    assertPositiveInteger("timeoutMs", options.timeoutMs);
    assertPositiveInteger("pollIntervalMs", options.pollIntervalMs);
    const { ttlSec = 300, pollIntervalMs = 25, timeoutMs = 5000 } = options;
    if (pollIntervalMs > 1000) {
      throw new StreamError("INVALID_OPTION", "pollIntervalMs must be at most 1000");
    }
    this.#limits = resolveLimits(options);
    this.#ttlSec = ttlSec;
    this.#file = new SqliteFile(path, timeoutMs);
    this.#rows = new StreamRows(this.#file);
    this.#watcher = new ChangeWatcher(
      {
        glance: (id) => this.#rows.glance(id),
        dataVersion: () => this.#file.dataVersion(),
        snapshot: (work) => this.#file.snapshot(work),
      },
      pollIntervalMs,
    );
  }

  async create(id: string, options: CreateOptions = {}): Promise<void> {
    assertStreamId(id);
    assertCreateOptions(options);
    const { writer, leaseMs, ttlSec = this.#ttlSec } = options;
    await this.#change(id, (standing, now) => {
      if (standing === undefined) {
        this.#rows.sweep(now);
        this.#rows.insert(id, { writer, leaseMs, ttlMs: ttlSec * 1000 }, now);
      } else if (writer === undefined || standing.writer !== writer) {
        throw new StreamError("ALREADY_EXISTS", `the stream ${id} exists`);
      }
    });
  }

  async append(
    id: string,
    chunks: string | readonly string[],
    options: AppendOptions = {},
  ): Promise<number> {
    assertStreamId(id);
    assertAppendOptions(options);
    const { writer = null, op = null, after } = options;
    const batch = toBatch(chunks, this.#limits);
    // A copy: this may have to wait for a lock, and the caller go on using theirs.
    const ending = typeof options.end === "object" ? { ...options.end } : options.end;
    return this.#change(id, (standing, now) => {
      const row = found(id, standing);
      if (op !== null && op === row.lastOp) return row.totalChunks;
      if (row.writer !== null && row.writer !== writer) {
        throw new StreamError("FENCED", `the stream ${id} belongs to another writer`);
      }
      const { state } = row;
      if (state !== "active") {
        throw new StreamError("NOT_ACTIVE", `the stream ${id} has ended: ${state}`, { state });
      }
      assertFits(batch, { chunks: row.totalChunks, bytes: row.bytes }, this.#limits, after);
      this.#rows.addChunks(row, batch.chunks, batch.bytes);
      if (batch.chunks.length > 0 || ending !== undefined) row.lastOp = op;
      if (ending === undefined) renew(row, now);
      else end(row, ending, now);
      this.#rows.save(row);
      return row.totalChunks;
    });
  }

  readFrom(
    id: string,
    afterSeq: number,
    options?: ReadOptions,
  ): AsyncGenerator<StreamChunk, StreamStatus, undefined> {
    return followStream(
      {
        read: (cursor, needsChunks) => this.#page(id, cursor, needsChunks),
        changed: (page, signal) => this.#watcher.changed(id, page, signal),
      },
      afterSeq,
      options,
    );
  }

  async getStatus(id: string): Promise<StreamStatus | null> {
    assertStreamId(id);
    return this.#look(id, toStatus);
  }

  async stop(id: string): Promise<void> {
    assertStreamId(id);
    await this.#end(id, "stopped");
  }

  async complete(id: string): Promise<void> {
    assertStreamId(id);
    await this.#end(id, "done");
  }

  async fail(id: string, error: string): Promise<void> {
    assertStreamId(id);
    assertText(error, "an error text");
    await this.#end(id, { error });
  }

  async delete(id: string): Promise<void> {
    assertStreamId(id);
    await this.#change(id, (row) => {
      if (row !== undefined) this.#rows.drop(row);
    });
  }

  /** Closes the file. Readers that follow, and every later call, fail with `UNAVAILABLE`. */
  close(): void {
    this.#file.close();
    this.#watcher.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #end(id: string, how: "stopped" | StreamEnd): Promise<void> {
    await this.#change(id, (standing, now) => {
      const row = found(id, standing);
      if (row.state !== "active") return;
      end(row, how, now);
      this.#rows.save(row);
    });
  }

  async #page(id: string, afterSeq: number, needsChunks: boolean): Promise<StreamPage | null> {
    assertStreamId(id);
    assertCursor(afterSeq);
    const page = await this.#look(id, (row) => ({
      epoch: row.epoch,
      status: toStatus(row),
      chunks: needsChunks ? this.#rows.chunks(row, afterSeq) : [],
    }));
    // Between the pages of a long stream the event loop gets its turn.
    const isPart = page !== null && afterSeq + page.chunks.length < page.status.totalChunks;
    if (isPart && needsChunks) await giveWay();
    return page;
  }

  /** What `view` sees of the stream as it is now, on one snapshot. Writes only what the time has brought about. */
  async #look<T>(id: string, view: (row: StreamRow) => T): Promise<T | null> {
    const seen = await this.#file.read(() => {
      const row = this.#rows.find(id);
      if (row === undefined) return null;
      return Date.now() < dueAt(row) ? { view: view(row) } : undefined;
    });
    if (seen !== undefined) return seen && seen.view;
    return this.#change(id, (row) => (row === undefined ? null : view(row)));
  }

  /** One atomic step on the stream as it is now. */
  async #change<T>(id: string, work: (row: StreamRow | undefined, now: number) => T): Promise<T> {
    try {
      return await this.#file.write(() => {
        const now = Date.now();
        return work(this.#rows.settle(id, now), now);
      });
    } finally {
      this.#watcher.recheck(id);
    }
  }
}

function found(id: string, row: StreamRow | undefined): StreamRow {
  if (row === undefined) throw new StreamError("NOT_FOUND", `there is no stream ${id}`);
  return row;
}
