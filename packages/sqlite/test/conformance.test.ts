import { DatabaseSync } from "node:sqlite";
import {
  activeStreamsConformance,
  conversationStoreConformance,
  streamStoreConformance,
} from "@streambed/conformance";
import type {
  ActiveStreamsOptions,
  ConversationStoreOptions,
  StoreOptions,
} from "@streambed/conformance";
import { SqliteActiveStreams, SqliteConversationStore, SqliteStreamStore } from "@streambed/sqlite";
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

class OpenedConversations extends SqliteConversationStore {
  readonly path: string;

  constructor(path: string, options?: ConversationStoreOptions) {
    super(path, options);
    this.path = path;
  }

  peek(id: string): string | null {
    using db = new DatabaseSync(this.path);
    const find = db.prepare("SELECT json FROM conversation WHERE id = ? AND expires_at > ?");
    return (find.get(id, Date.now())?.json as string | undefined) ?? null;
  }

  plant(id: string, json: string): void {
    using db = new DatabaseSync(this.path);
    const put = db.prepare(
      "INSERT OR REPLACE INTO conversation (id, json, expires_at) VALUES (?, ?, 9e15)",
    );
    put.run(id, json);
  }
}

conversationStoreConformance("SqliteConversationStore", {
  create: (options) => new OpenedConversations(tempFile(), options),
  createPeer: (store, options) => new OpenedConversations(store.path, options),
  peek: (store, id) => store.peek(id),
  plant: (store, id, text) => store.plant(id, text),
  destroy: (store) => store.close(),
});
