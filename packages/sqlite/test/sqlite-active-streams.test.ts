import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { SqliteActiveStreams, SqliteStreamStore } from "@streambed/sqlite";
import { Peer } from "./peer.ts";
import { tempFile } from "./temp-file.ts";

function openBeside(path: string): DatabaseSync {
  const db = new DatabaseSync(path);
  onTestFinished(() => db.close());
  return db;
}

it("share the file of a stream store, and are there when it is opened again", async () => {
  const path = tempFile();
  {
    using store = new SqliteStreamStore(path);
    using pointers = new SqliteActiveStreams(path);
    await store.create("s");
    await pointers.set("chat", "s");
    await store.delete("s");
  }
  using pointers = new SqliteActiveStreams(path);
  expect(await pointers.get("chat")).toBe("s");
});

it("of four processes that race one wins, and all learn it, each time", async () => {
  const path = tempFile();
  const peers = await Promise.all(Array.from({ length: 4 }, () => Peer.start(path)));
  using pointers = new SqliteActiveStreams(path);
  for (let round = 0; round < 100; round++) {
    // Another is asked first each time.
    peers.push(...peers.splice(0, 1));
    const told = await Promise.all(
      peers.map((peer, i) => peer.call("setActive", `chat-${round}`, `s${i}`)),
    );
    expect(told).toEqual(told.map(() => told[0]));
    expect(await pointers.get(`chat-${round}`)).toBe(told[0]);
  }
});

it("rows of pointers whose time is over go with later sets, a bounded number each", async () => {
  const path = tempFile();
  using pointers = new SqliteActiveStreams(path, { ttlSec: 60 });
  const rows = openBeside(path).prepare("SELECT count(*) AS count FROM active_stream");
  for (let i = 0; i < 30; i++) await pointers.set(`old-${i}`, "s", { ttlSec: 1 });
  await pause(1050);
  expect(await pointers.get("old-0")).toBeNull();
  const counts: unknown[] = [];
  for (let i = 1; i <= 5; i++) {
    await pointers.set(`new-${i}`, "s");
    counts.push(rows.get()?.count);
  }
  expect(counts).toEqual([23, 16, 9, 4, 5]);
  await pointers.clear("new-1", "s");
  expect(rows.get()?.count).toBe(4);
});

it("wait for another process's lock; one that lasts too long is UNAVAILABLE", async () => {
  const path = tempFile();
  using pointers = new SqliteActiveStreams(path);
  using hasty = new SqliteActiveStreams(path, { timeoutMs: 200 });
  const db = openBeside(path);
  db.exec("BEGIN IMMEDIATE");
  const options = { instead: "s0" };
  const waiting = pointers.set("chat", "s1", options);
  options.instead = "changed";
  await pause(30);
  db.exec("COMMIT");
  expect(await waiting).toBe("s1");
  db.exec("BEGIN IMMEDIATE");
  for (const attempt of await Promise.allSettled([
    hasty.set("chat", "s1"),
    hasty.clear("chat", "s1"),
  ])) {
    expect(attempt).toMatchObject({ reason: { code: "UNAVAILABLE", cause: { errcode: 5 } } });
  }
  // Reading waits for nobody.
  expect(await hasty.get("chat")).toBe("s1");
  db.exec("COMMIT");
});

it("are UNAVAILABLE once closed", async () => {
  const pointers = new SqliteActiveStreams(tempFile());
  pointers.close();
  pointers.close();
  const calls = [pointers.get("chat"), pointers.set("chat", "s"), pointers.clear("chat", "s")];
  for (const call of await Promise.allSettled(calls)) {
    expect(call).toMatchObject({ reason: { code: "UNAVAILABLE" } });
  }
});

it.for(["", 7, undefined])("take no file named %j, and no bad timeout", (path) => {
  const open = (at: unknown, options = {}) => new SqliteActiveStreams(at as string, options);
  const refusal = expect.objectContaining({ code: "INVALID_OPTION" });
  expect(() => open(path)).toThrow(refusal);
  expect(() => open(tempFile(), { timeoutMs: 0 })).toThrow(refusal);
});
