import { DatabaseSync } from "node:sqlite";
import { streamStoreConformance } from "@streambed/conformance";
import type { StoreOptions } from "@streambed/conformance";
import { SqliteStreamStore } from "@streambed/sqlite";
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
