import { DatabaseSync } from "node:sqlite";

/** The tables of version 1 as they were, with a stream of two chunks. Frozen: it stands for files out there. */
const VERSION_1 = `
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
  PRAGMA application_id = 0x53747262;
  PRAGMA user_version = 1;
  INSERT INTO stream (id, epoch, state, total_chunks, bytes, ttl_ms, expires_at)
    VALUES ('old', 'e', 'active', 2, 2, 300000, 9e15);
  INSERT INTO chunk VALUES (1, 1, 'a'), (1, 2, 'b');
`;

/** Makes a file of version 1, and leaves it open, as a process of that version would have it. */
export function openVersion1(path: string): DatabaseSync {
  const db = new DatabaseSync(path);
  db.exec("PRAGMA journal_mode = WAL");
  db.exec(VERSION_1);
  return db;
}
