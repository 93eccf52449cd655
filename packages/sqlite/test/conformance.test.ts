import { DatabaseSync } from "node:sqlite";
import { activeStreamsConformance, streamStoreConformance } from "@streambed/conformance";
import type { ActiveStreamsOptions, StoreOptions } from "@streambed/conformance";
import { SqliteActiveStreams, SqliteStreamStore } from "@streambed/sqlite";
import { tempFile } from "./temp-file.ts";

const LOSE = `
  DELETE FROM chunk WHERE (stream, seq) =
    (SELECT stream, max(seq) FROM chunk WHERE stream = (SELECT key FROM stream WHERE id = ?))`;

class OpenedStore extends SqliteStreamStore {
  readonly path: string;

  constructor(path: string, options?: StoreOptions) {
    super(path, options);
    this.path = path;
  }

  loseChunk(id: string): void {
    const db = new DatabaseSync(this.path);
    db.prepare(LOSE).run(id);
    db.close();
  }
}

streamStoreConformance("SqliteStreamStore", {
  create: (options) => new OpenedStore(tempFile(), options),
  createPeer: (store, options) => new OpenedStore(store.path, options),
  loseChunk: (store, id) => store.loseChunk(id),
  destroy: (store) => store.close(),
});

class OpenedPointers extends SqliteActiveStreams {
  readonly path: string;

  constructor(path: string, options?: ActiveStreamsOptions) {
    super(path, options);
    this.path = path;
  }
}

activeStreamsConformance("SqliteActiveStreams", {
  create: (options) => new OpenedPointers(tempFile(), options),
  createPeer: (pointers, options) => new OpenedPointers(pointers.path, options),
  destroy: (pointers) => pointers.close(),
});
