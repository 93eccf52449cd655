import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { ChatHistory } from "@streambed/core/conversation";
import { SqliteActiveStreams, SqliteConversationStore, SqliteStreamStore } from "@streambed/sqlite";
import { Peer } from "./peer.ts";
import { tempFile } from "./temp-file.ts";

const hello = { role: "user", content: "hello" } as const;

function openBeside(path: string): DatabaseSync {
  const db = new DatabaseSync(path);
  onTestFinished(() => db.close());
  return db;
}

it("conversations share the file of the other stores, and are there when it is opened again", async () => {
  const path = tempFile();
  {
    using store = new SqliteStreamStore(path);
    using pointers = new SqliteActiveStreams(path);
    using conversations = new SqliteConversationStore(path);
    await store.create("s");
    await pointers.set("s", "s");
    await conversations.update("s", (history) => history.append(hello));
    await store.delete("s");
  }
  using conversations = new SqliteConversationStore(path);
  expect((await conversations.load("s")).messages).toEqual([hello]);
  expect(openBeside(path).prepare("SELECT id, json FROM conversation").all()).toEqual([
    { id: "s", json: (await conversations.load("s")).toJSON() },
  ]);
});

it("four processes that write at once lose nothing", async () => {
  const path = tempFile();
  const peers = await Promise.all(Array.from({ length: 4 }, () => Peer.start(path)));
  await Promise.all(peers.map((peer, i) => peer.call("say", "s", `of ${i}`, 50)));
  using conversations = new SqliteConversationStore(path);
  const { messages } = await conversations.load("s");
  expect(messages).toHaveLength(200);
  for (const i of peers.keys()) {
    expect(messages.filter(({ content }) => content === `of ${i}`)).toHaveLength(50);
  }
});

it("1,800 s is how long one is kept", async () => {
  const path = tempFile();
  using conversations = new SqliteConversationStore(path);
  await conversations.save("s", new ChatHistory());
  const row = openBeside(path).prepare("SELECT expires_at AS at FROM conversation").get();
  const leftMs = (row?.at as number) - Date.now();
  expect(leftMs).toBeGreaterThan(1_790_000);
  expect(leftMs).toBeLessThanOrEqual(1_800_000);
});

it("rows whose time is over go with later saves, a bounded number each", async () => {
  const path = tempFile();
  using brief = new SqliteConversationStore(path, { ttlSec: 1 });
  using conversations = new SqliteConversationStore(path);
  const rows = openBeside(path).prepare("SELECT count(*) AS count FROM conversation");
  for (let i = 0; i < 30; i++) await brief.save(`old-${i}`, new ChatHistory());
  await pause(1050);
  expect((await conversations.load("old-0")).isEmpty).toBe(true);
  const counts: unknown[] = [];
  for (let i = 1; i <= 5; i++) {
    await conversations.save(`new-${i}`, new ChatHistory());
    counts.push(rows.get()?.count);
  }
  expect(counts).toEqual([23, 16, 9, 4, 5]);
  await conversations.delete("new-1");
  expect(rows.get()?.count).toBe(4);
});

it("a save waits for another process's lock; one that lasts too long is UNAVAILABLE", async () => {
  const path = tempFile();
  using conversations = new SqliteConversationStore(path);
  using hasty = new SqliteConversationStore(path, { timeoutMs: 200 });
  const history = await conversations.load("s");
  history.append(hello);
  const db = openBeside(path);
  db.exec("BEGIN IMMEDIATE");
  const waiting = conversations.save("s", history);
  await pause(30);
  db.exec("COMMIT");
  await waiting;
  db.exec("BEGIN IMMEDIATE");
  const calls = [
    hasty.save("s", new ChatHistory()),
    hasty.update("s", () => {}),
    hasty.delete("s"),
  ];
  for (const call of await Promise.allSettled(calls)) {
    expect(call).toMatchObject({ reason: { code: "UNAVAILABLE", cause: { errcode: 5 } } });
  }
  // Reading waits for nobody.
  expect((await hasty.load("s")).messages).toEqual([hello]);
  db.exec("COMMIT");
});

it("is UNAVAILABLE once closed", async () => {
  const conversations = new SqliteConversationStore(tempFile());
  const history = await conversations.load("s");
  conversations.close();
  conversations.close();
  const calls = [
    conversations.load("s"),
    conversations.save("s", history),
    conversations.save("s", new ChatHistory()),
    conversations.update("s", () => {}),
    conversations.delete("s"),
  ];
  for (const call of await Promise.allSettled(calls)) {
    expect(call).toMatchObject({ reason: { code: "UNAVAILABLE" } });
  }
});

it.for(["", 7, undefined])("takes no file named %j, and no bad options", (path) => {
  const open = (at: unknown, options = {}) => new SqliteConversationStore(at as string, options);
  const refusal = expect.objectContaining({ code: "INVALID_OPTION" });
  expect(() => open(path)).toThrow(refusal);
  for (const bad of [{ timeoutMs: 0 }, { ttlSec: 1.5 }, { maxBytes: -1 }]) {
    expect(() => open(tempFile(), bad)).toThrow(refusal);
  }
});
