import type { DatabaseSync } from "node:sqlite";
import { StreamError } from "@streambed/core/contracts";

/** `PRAGMA user_version` of the files that this code reads and writes. */
const SCHEMA_VERSION = 1;
/** `PRAGMA application_id` of our files: "Strb". */
const APPLICATION_ID = 0x53747262;

// Times are wall clock milliseconds: the only clock that processes share, and that outlives them.
// `chunk.data` and `stream.error` hold UTF-8 with NUL in it, if need be.
const SCHEMA = `
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
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/**
 * Makes an open database ready for use. Any number of processes may do so at once, to a new file too:
 * a failure that `isBusy` leaves nothing half done and may be tried again.
 *
 * @throws StreamError `UNSUPPORTED` if the file is another application's, or of a later version
 */
export function prepareSchema(db: DatabaseSync): void {
  // Looks before it touches: a file that is not ours stays as it is.
  const isNew = !hasSchema(db);
  const { journal_mode } = db.prepare("PRAGMA journal_mode = WAL").get() as {
    journal_mode: string;
  };
  // A database in memory has no log, and no other process either.
  if (journal_mode !== "wal" && journal_mode !== "memory") {
    throw new StreamError("UNSUPPORTED", `the file cannot be used in WAL mode (${journal_mode})`);
  }
  // What was acknowledged outlives the process; README.md says what a power cut may take.
  db.exec("PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 16777216");
  if (!isNew) return;
  db.exec("BEGIN IMMEDIATE");
  try {
    if (!hasSchema(db)) db.exec(SCHEMA);
    db.exec("COMMIT");
  } catch (error) {
    db.exec("ROLLBACK");
    throw error;
  }
}

/** Whether the tables are there; `false` only for an empty file. */
function hasSchema(db: DatabaseSync): boolean {
  // One statement, so that another process's first open is seen whole or not at all.
  const { version, application, objects } = db
    .prepare(
      `SELECT (SELECT user_version FROM pragma_user_version) AS version,
              (SELECT application_id FROM pragma_application_id) AS application,
              (SELECT count(*) FROM sqlite_schema) AS objects`,
    )
    .get() as { version: number; application: number; objects: number };
  if (application !== APPLICATION_ID && (application !== 0 || objects > 0)) {
    throw new StreamError("UNSUPPORTED", "the file is another application's database");
  }
  if (version > SCHEMA_VERSION) {
    throw new StreamError(
      "UNSUPPORTED",
      `the file has version ${version}, this @streambed/sqlite knows ${SCHEMA_VERSION}: update it`,
    );
  }
  return version === SCHEMA_VERSION;
}
