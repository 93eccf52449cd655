import type { StatementSync } from "node:sqlite";
import type { ActiveStreams, SetActiveOptions } from "@streambed/core/contracts";
import {
  assertChatId,
  assertPositiveInteger,
  assertSetActiveOptions,
  assertStreamId,
} from "@streambed/core/store-kit";
import { SqliteFile } from "./sqlite-file.ts";

/** How many pointers a `set` drops whose time is over: more than it can add. */
const SWEEP_POINTERS = 8;

export interface SqliteActiveStreamsOptions {
  /** How long a pointer is kept, in seconds. @default 86_400 */
  ttlSec?: number | undefined;
  /** How long a call waits for another process's lock before it is `UNAVAILABLE`. @default 5000 */
  timeoutMs?: number | undefined;
}

/**
 * Which stream answers a chat, in a SQLite file: a stream store's, or one of its own.
 *
 * Each method is one transaction, on the machine's wall clock.
 */
export class SqliteActiveStreams implements ActiveStreams {
  readonly #file: SqliteFile;
  readonly #ttlSec: number;
  readonly #find: StatementSync;
  readonly #save: StatementSync;
  readonly #clear: StatementSync;
  readonly #sweep: StatementSync;

  /**
   * Opens the file, and creates it if there is none; its directory must exist.
   *
   * @throws StreamError `INVALID_OPTION`, `UNAVAILABLE` (the file cannot be opened, or is no database),
   * `UNSUPPORTED` (it is another application's, or of a later version)
   */
  constructor(path: string, options: SqliteActiveStreamsOptions = {}) {
    assertPositiveInteger("ttlSec", options.ttlSec);
    assertPositiveInteger("timeoutMs", options.timeoutMs);
    const { ttlSec = 86_400, timeoutMs = 5000 } = options;
    this.#ttlSec = ttlSec;
    this.#file = new SqliteFile(path, timeoutMs);
    this.#find = this.#file.prepare(
      "SELECT stream_id AS streamId FROM active_stream WHERE chat_id = ? AND expires_at > ?",
    );
    this.#save = this.#file.prepare(
      `INSERT INTO active_stream (chat_id, stream_id, expires_at) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET stream_id = excluded.stream_id, expires_at = excluded.expires_at`,
    );
    this.#clear = this.#file.prepare(
      "DELETE FROM active_stream WHERE chat_id = ? AND stream_id = ?",
    );
    this.#sweep = this.#file.prepare(
      `DELETE FROM active_stream WHERE chat_id IN
         (SELECT chat_id FROM active_stream WHERE expires_at <= ? ORDER BY expires_at LIMIT ${SWEEP_POINTERS})`,
    );
  }

  async get(chatId: string): Promise<string | null> {
    assertChatId(chatId);
    return this.#file.read(() => this.#standing(chatId, Date.now()));
  }

  async set(chatId: string, streamId: string, options: SetActiveOptions = {}): Promise<string> {
    assertChatId(chatId);
    assertStreamId(streamId);
    assertSetActiveOptions(options);
    // Taken out now: this may have to wait for a lock, and the caller go on using theirs.
    const { instead, ttlSec = this.#ttlSec } = options;
    return this.#file.write(() => {
      const now = Date.now();
      const standing = this.#standing(chatId, now);
      if (standing !== null && standing !== streamId && standing !== instead) return standing;
      this.#sweep.run(now);
      this.#save.run(chatId, streamId, now + ttlSec * 1000);
      return streamId;
    });
  }

  async clear(chatId: string, streamId: string): Promise<void> {
    assertChatId(chatId);
    assertStreamId(streamId);
    await this.#file.write(() => void this.#clear.run(chatId, streamId));
  }

  /** Closes the file. Every later call fails with `UNAVAILABLE`. */
  close(): void {
    this.#file.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #standing(chatId: string, now: number): string | null {
    const row = this.#find.get(chatId, now) as { streamId: string } | undefined;
    return row?.streamId ?? null;
  }
}
