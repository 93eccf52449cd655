import { DatabaseSync } from "node:sqlite";
import { afterAll, expect, it } from "vitest";
import { SqliteActiveStreams, SqliteConversationStore, SqliteStreamStore } from "@streambed/sqlite";
import { drain } from "./drain.ts";
import { Peer } from "./peer.ts";
import { tempFile } from "./temp-file.ts";
import { openVersion1 } from "./version-1.ts";

const opened: DatabaseSync[] = [];
afterAll(() => opened.forEach((db) => db.close()));

function oldFile(): { path: string; old: DatabaseSync } {
  const path = tempFile();
  const old = openVersion1(path);
  opened.push(old);
  return { path, old };
}

const hello = { role: "user", content: "hello" } as const;

/** Everything that is declared in a file, and its version. */
function declared(path: string): unknown {
  const db = new DatabaseSync(path);
  opened.push(db);
  const objects = db.prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY name").all();
  return [objects, db.prepare("PRAGMA user_version").get()];
}

it.each([
  ["SqliteStreamStore", (path: string) => new SqliteStreamStore(path)],
  ["SqliteActiveStreams", (path: string) => new SqliteActiveStreams(path)],
  ["SqliteConversationStore", (path: string) => new SqliteConversationStore(path)],
])("a file of version 1 is brought up to date by %s, with all that is in it", async (_, open) => {
  const { path } = oldFile();
  const fresh = tempFile();
  for (const at of [path, fresh]) open(at).close();
  expect(declared(path)).toEqual(declared(fresh));
  using store = new SqliteStreamStore(path);
  using pointers = new SqliteActiveStreams(path);
  expect(await store.append("old", "c", { end: "done" })).toBe(3);
  expect((await drain(store, "old")).texts).toEqual(["a", "b", "c"]);
  expect(await pointers.set("chat", "old")).toBe("old");
  using conversations = new SqliteConversationStore(path);
  await conversations.update("session", (history) => history.append(hello));
  expect((await conversations.load("session")).messages).toEqual([hello]);
});

it("a process of version 1 that has the file open goes on", async () => {
  const { path, old } = oldFile();
  const insert = old.prepare("INSERT INTO chunk VALUES (1, ?, ?)");
  const count = old.prepare("UPDATE stream SET total_chunks = ? WHERE id = 'old'");
  using pointers = new SqliteActiveStreams(path);
  await pointers.set("chat", "old");
  insert.run(3, "c");
  count.run(3);
  using store = new SqliteStreamStore(path);
  expect(await store.getStatus("old")).toEqual({ state: "active", totalChunks: 3 });
});

it("four processes may do it at once", async () => {
  const peers = await Promise.all(Array.from({ length: 4 }, () => Peer.start(tempFile())));
  for (let round = 0; round < 10; round++) {
    const { path } = oldFile();
    const time = Date.now() + 10;
    await Promise.all(peers.map((peer) => peer.call("openAt", time, path)));
    using store = new SqliteStreamStore(path);
    for (const { child } of peers) {
      expect(await store.getStatus(`by-${child.pid}`)).not.toBeNull();
    }
    expect(await store.getStatus("old")).toMatchObject({ totalChunks: 2 });
  }
});
