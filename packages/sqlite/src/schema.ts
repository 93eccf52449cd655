import type { DatabaseSync } from "node:sqlite";
import { StreamError } from "@streambed/core/contracts";

/** `PRAGMA application_id` of our files: "Strb". */
const APPLICATION_ID = 0x53747262;

/**
 * What takes a file from one version to the next; an empty one begins with the first. A step that has been
 * published stays as it is, and leaves alone what the versions before it use: they may have the file open.
 *
 * Times are wall clock milliseconds: the only clock that processes share, and that outlives them.
 * `chunk.data` and `stream.error` hold UTF-8 with NUL in it, if need be.
 */
const STEPS: readonly string[] = [
  `
  CREATE TABLE stream (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    epoch TEXT NOT NULL,
    writer TEXT,
    state TEXT NOT NULL CHECK (state IN ('active', 'done', 'stopped', 'error')),
    error TEXT,
    total_chunks INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    last_op TEXT,
    lease_ms INTEGER,
    lease_until INTEGER,
    ttl_ms INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX stream_by_expiry ON stream (expires_at);
  CREATE TABLE chunk (
    stream INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (stream, seq)
  ) STRICT, WITHOUT ROWID;
  PRAGMA application_id = ${APPLICATION_ID};
  `,
  `
  CREATE TABLE active_stream (
    chat_id TEXT PRIMARY KEY,
    stream_id TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX active_stream_by_expiry ON active_stream (expires_at);
  `,
  `
  CREATE TABLE conversation (
    id TEXT NOT NULL UNIQUE,
    json TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX conversation_by_expiry ON conversation (expires_at);
  `,
];

/** `PRAGMA user_version` of the files that this code reads and writes. */
const SCHEMA_VERSION = STEPS.length;

/**
 * Makes an open database ready for use, and brings one of an older version up to date. Any number of
 * processes may do so at once, to a new file too: a failure that `isBusy` leaves nothing half done and may
 * be tried again.
 *
 * @throws StreamError `UNSUPPORTED` if the file is another application's, or of a later version
 */
export function prepareSchema(db: DatabaseSync): void {
  // Looks before it touches: a file that is not ours stays as it is.
  const version = versionOf(db);
  const { journal_mode } = db.prepare("PRAGMA journal_mode = WAL").get() as {
    journal_mode: string;
  };
  // A database in memory has no log, and no other process either.
  if (journal_mode !== "wal" && journal_mode !== "memory") {
    throw new StreamError("UNSUPPORTED", `the file cannot be used in WAL mode (${journal_mode})`);
  }
  // What was acknowledged outlives the process; README.md says what a power cut may take.
  db.exec("PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 16777216");
  if (version === SCHEMA_VERSION) return;
  db.exec("BEGIN IMMEDIATE");
  try {
    // Looks again: another process may have been first.
    for (const step of STEPS.slice(versionOf(db))) db.exec(step);
    db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
  } catch (error) {
    db.exec("ROLLBACK");
    throw error;
  }
}

/** How many of the steps the file has behind it: 0 for an empty one. */
function versionOf(db: DatabaseSync): number {
  // One statement, so that another process's first open is seen whole or not at all.
  const { version, application, objects } = db
    .prepare(
      `SELECT (SELECT user_version FROM pragma_user_version) AS version,
              (SELECT application_id FROM pragma_application_id) AS application,
              (SELECT count(*) FROM sqlite_schema) AS objects`,
    )
    .get() as { version: number; application: number; objects: number };
  const isUntouched = application === 0 && version === 0 && objects === 0;
  if (application !== APPLICATION_ID && !isUntouched) {
    throw new StreamError("UNSUPPORTED", "the file is another application's database");
  }
  if (version > SCHEMA_VERSION) {
    throw new StreamError(
      "UNSUPPORTED",
      `the file has version ${version}, this @streambed/sqlite knows ${SCHEMA_VERSION}: update it`,
    );
  }
  return version;
}
