import type { StatementSync } from "node:sqlite";
import { PRODUCER_LOST } from "@streambed/core/contracts";
import type { StreamEnd, StreamState, StreamStatus } from "@streambed/core/contracts";
import type { Glance } from "./change-watcher.ts";
import type { SqliteFile } from "./sqlite-file.ts";

/** A page ends with the chunk that takes it to one of these. */
const PAGE_CHUNKS = 512;
const PAGE_BYTES = 256 * 1024;

/** A sweep ends with the stream that takes it to one of these. */
const SWEEP_STREAMS = 8;
const SWEEP_CHUNKS = 10_000;

export interface StreamRow {
  /** Names the stream's chunks. */
  readonly key: number;
  readonly epoch: string;
  readonly writer: string | null;
  state: StreamState;
  error: string | null;
  totalChunks: number;
  bytes: number;
  lastOp: string | null;
  readonly leaseMs: number | null;
  /** Only while active; always before `expiresAt`. */
  leaseUntil: number | null;
  readonly ttlMs: number;
  expiresAt: number;
}

/** The statements. Each call is a step of a transaction, save `glance`, which may stand alone. */
export class StreamRows {
  readonly #find: StatementSync;
  readonly #glance: StatementSync;
  readonly #insert: StatementSync;
  readonly #save: StatementSync;
  readonly #insertChunk: StatementSync;
  readonly #chunks: StatementSync;
  readonly #deleteStream: StatementSync;
  readonly #deleteChunks: StatementSync;
  readonly #expired: StatementSync;

  constructor(file: SqliteFile) {
    this.#find = file.prepare(
      `SELECT key, epoch, writer, state, ${verbatim("error")}, total_chunks AS totalChunks, bytes,
              last_op AS lastOp, lease_ms AS leaseMs, lease_until AS leaseUntil, ttl_ms AS ttlMs,
              expires_at AS expiresAt
       FROM stream WHERE id = ?`,
    );
    this.#glance = file.prepare(
      `SELECT epoch, state, total_chunks AS totalChunks, coalesce(lease_until, expires_at) AS dueAt
       FROM stream WHERE id = ?`,
    );
    this.#insert = file.prepare(
      `INSERT INTO stream (id, epoch, writer, state, total_chunks, bytes, lease_ms, lease_until, ttl_ms, expires_at)
       VALUES (?, ?, ?, 'active', 0, 0, ?, ?, ?, ?)`,
    );
    this.#save = file.prepare(
      `UPDATE stream SET state = ?, error = ?, total_chunks = ?, bytes = ?, last_op = ?, lease_until = ?, expires_at = ?
       WHERE key = ?`,
    );
    this.#insertChunk = file.prepare("INSERT INTO chunk (stream, seq, data) VALUES (?, ?, ?)");
    this.#chunks = file.prepare(
      `SELECT seq, ${verbatim("data")} FROM chunk WHERE stream = ? AND seq > ? ORDER BY seq LIMIT ${PAGE_CHUNKS}`,
    );
    this.#deleteStream = file.prepare("DELETE FROM stream WHERE key = ?");
    this.#deleteChunks = file.prepare("DELETE FROM chunk WHERE stream = ?");
    this.#expired = file.prepare(
      `SELECT key, total_chunks AS totalChunks FROM stream WHERE expires_at <= ?
       ORDER BY expires_at LIMIT ${SWEEP_STREAMS}`,
    );
  }

  /** The stream as it was last written, whatever the time is now. */
  find(id: string): StreamRow | undefined {
    const row = this.#find.get(id);
    if (row === undefined) return undefined;
    if (row.error !== null) row.error = text(row.error as Stored);
    return row as unknown as StreamRow;
  }

  /** What a waiting reader needs of `find`, at a third of its price. */
  glance(id: string): Glance | undefined {
    return this.#glance.get(id) as unknown as Glance | undefined;
  }

  /** The stream as it is now: what the time has brought about is written. */
  settle(id: string, now: number): StreamRow | undefined {
    const row = this.find(id);
    if (row === undefined || now < dueAt(row)) return row;
    if (now >= row.expiresAt) {
      this.drop(row);
      return undefined;
    }
    // Kept from the lapse on, not from now: `deadlines` has set `expiresAt` with that in mind.
    const { expiresAt } = row;
    end(row, { error: PRODUCER_LOST }, now);
    row.expiresAt = expiresAt;
    this.save(row);
    return row;
  }

  insert(
    id: string,
    options: { writer: string | undefined; leaseMs: number | undefined; ttlMs: number },
    now: number,
  ): void {
    const { writer = null, leaseMs = null, ttlMs } = options;
    const { leaseUntil, expiresAt } = deadlines({ leaseMs, ttlMs }, now);
    const epoch = crypto.randomUUID();
    this.#insert.run(id, epoch, writer, leaseMs, leaseUntil, ttlMs, expiresAt);
  }

  /** Stores chunks behind those that `row` counts, and counts them; `save` is still to come. */
  addChunks(row: StreamRow, chunks: readonly string[], bytes: number): void {
    for (const data of chunks) this.#insertChunk.run(row.key, ++row.totalChunks, data);
    row.bytes += bytes;
  }

  save(row: StreamRow): void {
    const { state, error, totalChunks, bytes, lastOp, leaseUntil, expiresAt, key } = row;
    this.#save.run(state, error, totalChunks, bytes, lastOp, leaseUntil, expiresAt, key);
  }

  /** The chunks behind `afterSeq`, or the first of them. */
  chunks(row: StreamRow, afterSeq: number): string[] {
    const chunks: string[] = [];
    let bytes = 0;
    for (const chunk of this.#chunks.iterate(row.key, afterSeq)) {
      // A page ends at a gap; the next one, which begins with it, is then empty: LOST.
      if (chunk.seq !== afterSeq + chunks.length + 1) break;
      const data = text(chunk.data as Stored);
      chunks.push(data);
      bytes += Buffer.byteLength(data);
      if (bytes >= PAGE_BYTES) break;
    }
    return chunks;
  }

  drop(row: Pick<StreamRow, "key">): void {
    this.#deleteChunks.run(row.key);
    this.#deleteStream.run(row.key);
  }

  /** Drops some of the streams whose time is over, more than one call of `insert` can add. */
  sweep(now: number): void {
    let chunks = 0;
    const expired = this.#expired.all(now) as unknown as Pick<StreamRow, "key" | "totalChunks">[];
    for (const row of expired) {
      this.drop(row);
      chunks += row.totalChunks;
      if (chunks >= SWEEP_CHUNKS) break;
    }
  }
}

export function toStatus(row: StreamRow): StreamStatus {
  const { state, error, totalChunks } = row;
  return error === null ? { state, totalChunks } : { state, error, totalChunks };
}

/** When the stream will differ without anybody's doing. */
export function dueAt(row: StreamRow): number {
  return row.leaseUntil ?? row.expiresAt;
}

/** The producer is alive at `now`. */
export function renew(row: StreamRow, now: number): void {
  Object.assign(row, deadlines(row, now));
}

/** The first end counts. */
export function end(row: StreamRow, how: "stopped" | StreamEnd, now: number): void {
  if (row.state !== "active") return;
  row.state = typeof how === "string" ? how : "error";
  row.error = typeof how === "string" ? null : how.error;
  row.leaseUntil = null;
  row.expiresAt = now + row.ttlMs;
}

/** Without a lease a stream is kept for its TTL; with one, for its TTL from the lapse on. */
function deadlines(
  { leaseMs, ttlMs }: Pick<StreamRow, "leaseMs" | "ttlMs">,
  now: number,
): Pick<StreamRow, "leaseUntil" | "expiresAt"> {
  if (leaseMs === null) return { leaseUntil: null, expiresAt: now + ttlMs };
  return { leaseUntil: now + leaseMs, expiresAt: now + leaseMs + ttlMs };
}

type Stored = string | Uint8Array;

/**
 * Selects a column of text such that NUL in it survives: Node 22's node:sqlite ends a text there
 * (it binds it whole), but hands out a BLOB as it is.
 */
function verbatim(column: string): string {
  return `iif(instr(${column}, char(0)) > 0, CAST(${column} AS BLOB), ${column}) AS ${column}`;
}

function text(stored: Stored): string {
  if (typeof stored === "string") return stored;
  return Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength).toString("utf8");
}
