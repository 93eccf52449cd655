import { DatabaseSync } from "node:sqlite";
import type { StatementSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { StreamError } from "@streambed/core/contracts";
import { prepareSchema } from "./schema.ts";
import { isBusy, toStreamError } from "./sqlite-error.ts";

/** How long SQLite itself waits for another process's lock, and the event loop with it. */
const BLOCKING_WAIT_MS = 5;
/** How long to leave the event loop alone before the next try. */
const RETRY_AFTER_MS = 10;

/** One connection to a database file, and its transactions. */
export class SqliteFile {
  readonly #db: DatabaseSync;
  readonly #begin: StatementSync;
  readonly #beginImmediate: StatementSync;
  readonly #commit: StatementSync;
  readonly #dataVersion: StatementSync;
  readonly #timeoutMs: number;
  #isClosed = false;
  /** Set while a write waits for another process's lock: those behind it keep their place. */
  #blocked: Promise<void> | undefined;

  /**
   * Opens the file, and creates it if there is none; its directory must exist.
   *
   * @throws StreamError `INVALID_OPTION`, `UNAVAILABLE`, `UNSUPPORTED`
   */
  constructor(path: string, timeoutMs: number) {
    assertPath(path);
    this.#timeoutMs = timeoutMs;
    this.#db = open(path, timeoutMs);
    this.#begin = this.#db.prepare("BEGIN");
    this.#beginImmediate = this.#db.prepare("BEGIN IMMEDIATE");
    this.#commit = this.#db.prepare("COMMIT");
    this.#dataVersion = this.#db.prepare("PRAGMA data_version");
  }

  prepare(sql: string): StatementSync {
    return this.#db.prepare(sql);
  }

  /** A number that differs from the last one if another connection has written since. */
  dataVersion(): number {
    return (this.#dataVersion.get() as { data_version: number }).data_version;
  }

  /** Runs `work` on one snapshot, or throws what SQLite throws. */
  snapshot(work: () => void): void {
    this.#transact(this.#begin, work);
  }

  /** Runs `work` on one snapshot. @throws StreamError `UNAVAILABLE` */
  async read<T>(work: () => T): Promise<T> {
    for (const giveUpAt = performance.now() + this.#timeoutMs; ;) {
      try {
        return this.#transact(this.#begin, work);
      } catch (error) {
        if (!isBusy(error) || performance.now() >= giveUpAt) throw failure(error);
      }
      await delay(RETRY_AFTER_MS);
    }
  }

  /**
   * Runs `work` while no other process writes, and makes what it wrote durable as a whole. Writes run in
   * the order of the calls. A `StreamError` that `work` throws is a refusal: what was written before it stays.
   *
   * @throws StreamError `UNAVAILABLE`
   */
  async write<T>(work: () => T): Promise<T> {
    const giveUpAt = performance.now() + this.#timeoutMs;
    while (this.#blocked !== undefined) await this.#blocked;
    for (;;) {
      try {
        return this.#transact(this.#beginImmediate, work);
      } catch (error) {
        if (!isBusy(error) || performance.now() >= giveUpAt) throw failure(error);
      }
      // Keeps the process alive, unlike a reader's timer: somebody waits for this write.
      this.#blocked = delay(RETRY_AFTER_MS);
      await this.#blocked;
      this.#blocked = undefined;
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#db.close();
  }

  #transact<T>(begin: StatementSync, work: () => T): T {
    if (this.#isClosed) throw new StreamError("UNAVAILABLE", "the store is closed");
    begin.run();
    try {
      const outcome = attempt(work);
      this.#commit.run();
      if ("refusal" in outcome) throw outcome.refusal;
      return outcome.value;
    } catch (error) {
      if (!(error instanceof StreamError)) this.#rollback();
      throw error;
    }
  }

  #rollback(): void {
    try {
      this.#db.exec("ROLLBACK");
    } catch {
      // SQLite has already rolled back, as it does after some failures; the first error is the one to tell.
    }
  }
}

function assertPath(path: unknown): asserts path is string {
  if (typeof path !== "string" || path === "" || path.includes("\0")) {
    throw new StreamError("INVALID_OPTION", "path must name a file");
  }
}

function attempt<T>(work: () => T): { value: T } | { refusal: StreamError } {
  try {
    return { value: work() };
  } catch (error) {
    if (error instanceof StreamError) return { refusal: error };
    throw error;
  }
}

function failure(error: unknown): unknown {
  return toStreamError(error, "the database failed");
}

/** Opens the file, and waits, blocking, while other processes open it for the first time too. */
function open(path: string, timeoutMs: number): DatabaseSync {
  for (const giveUpAt = performance.now() + timeoutMs; ;) {
    let db: DatabaseSync | undefined;
    try {
      db = new DatabaseSync(path);
      db.exec(`PRAGMA busy_timeout = ${BLOCKING_WAIT_MS}`);
      prepareSchema(db);
      return db;
    } catch (error) {
      db?.close();
      if (!isBusy(error) || performance.now() >= giveUpAt) {
        throw toStreamError(error, `cannot open ${path} as a database`);
      }
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_AFTER_MS);
  }
}
