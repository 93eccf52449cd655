import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { SqliteStreamStore } from "@streambed/sqlite";
import { drain } from "./drain.ts";
import { tempFile } from "./temp-file.ts";

/** Another connection, for a look at the tables or a lock on them. */
function openBeside(path: string): DatabaseSync {
  const db = new DatabaseSync(path);
  // Node 22's has none.
  return Object.assign(db, { [Symbol.dispose]: () => db.close() });
}

function rowCounts(db: DatabaseSync): unknown {
  const sql = "SELECT (SELECT count(*) FROM stream) streams, (SELECT count(*) FROM chunk) chunks";
  return { ...db.prepare(sql).get() };
}

describe("rows", { concurrent: true }, () => {
  it("of a deleted stream go at once, of an expired one when somebody looks", async () => {
    const path = tempFile();
    using store = new SqliteStreamStore(path, { ttlSec: 1 });
    using db = openBeside(path);
    for (const id of ["deleted", "expired"]) {
      await store.create(id);
      await store.append(id, ["a", "b"], { end: "done" });
    }
    await store.delete("deleted");
    expect(rowCounts(db)).toEqual({ streams: 1, chunks: 2 });
    await pause(1050);
    expect(await store.getStatus("expired")).toBeNull();
    expect(rowCounts(db)).toEqual({ streams: 0, chunks: 0 });
  });

  it("of expired streams that nobody looks at go with later creates, a bounded number each", async () => {
    const path = tempFile();
    using store = new SqliteStreamStore(path);
    using db = openBeside(path);
    for (let i = 0; i < 30; i++) {
      await store.create(`old-${i}`, { ttlSec: 1, ...(i % 2 && { leaseMs: 50 }) });
      await store.append(`old-${i}`, ["a", "b"]);
    }
    await pause(1150);
    await store.create("new-1");
    expect(rowCounts(db)).toEqual({ streams: 23, chunks: 44 });
    for (let i = 2; i <= 4; i++) await store.create(`new-${i}`);
    expect(rowCounts(db)).toEqual({ streams: 4, chunks: 0 });
  });

  it("of a lapse are written once, by whoever notices, and kept from the lapse on", async () => {
    const path = tempFile();
    using store = new SqliteStreamStore(path);
    using db = openBeside(path);
    const row = db.prepare("SELECT state, expires_at AS expiresAt FROM stream WHERE id = 's'");
    await store.create("s", { leaseMs: 100, ttlSec: 60 });
    const { expiresAt } = row.get() as { expiresAt: number };
    await pause(400);
    expect(row.get()).toEqual({ state: "active", expiresAt });
    await expect(store.append("s", "late")).rejects.toMatchObject({ code: "NOT_ACTIVE" });
    expect(row.get()).toEqual({ state: "error", expiresAt });
    expect(expiresAt - Date.now()).toBeLessThan(60_000 - 250);
  });

  it("that are missing in the middle are LOST, behind what is there before", async () => {
    const path = tempFile();
    using store = new SqliteStreamStore(path);
    using db = openBeside(path);
    await store.create("s");
    await store.append("s", ["a", "b", "c", "d"], { end: "done" });
    db.exec("DELETE FROM chunk WHERE seq = 3");
    const seen: string[] = [];
    const reading = (async () => {
      for await (const { data } of store.readFrom("s", 0)) seen.push(data);
    })();
    await expect(reading).rejects.toMatchObject({ code: "LOST" });
    expect(seen).toEqual(["a", "b"]);
  });
});

describe("locks of other processes", { concurrent: true }, () => {
  it("are waited for, in order, while the event loop goes on and readers read", async () => {
    const path = tempFile();
    using store = new SqliteStreamStore(path);
    using db = openBeside(path);
    await store.create("s");
    db.exec("BEGIN IMMEDIATE");
    const appends = [store.append("s", "a"), store.append("s", "b"), store.append("s", "c")];
    const completed = store.complete("s");
    let beats = 0;
    const beat = setInterval(() => beats++, 5);
    await pause(300);
    clearInterval(beat);
    expect(await store.getStatus("s")).toEqual({ state: "active", totalChunks: 0 });
    db.exec("COMMIT");
    expect(await Promise.all(appends)).toEqual([1, 2, 3]);
    await completed;
    expect((await drain(store, "s")).texts).toEqual(["a", "b", "c"]);
    expect(beats).toBeGreaterThan(10);
  });

  it("that last too long are UNAVAILABLE with their cause, and nothing is stored", async () => {
    const path = tempFile();
    using store = new SqliteStreamStore(path, { timeoutMs: 200 });
    using db = openBeside(path);
    await store.create("s");
    db.exec("BEGIN IMMEDIATE");
    const before = performance.now();
    const attempts = [
      store.append("s", "a"),
      store.stop("s"),
      store.create("t"),
      store.delete("s"),
    ];
    for (const attempt of await Promise.allSettled(attempts)) {
      expect(attempt).toMatchObject({
        reason: { code: "UNAVAILABLE", cause: { code: "ERR_SQLITE_ERROR", errcode: 5 } },
      });
    }
    expect(performance.now() - before).toBeLessThan(2000);
    db.exec("COMMIT");
    expect(await store.getStatus("s")).toEqual({ state: "active", totalChunks: 0 });
    expect(await store.append("s", "b")).toBe(1);
  });
});

describe("close", () => {
  it("ends waiting readers, pending writes and later calls with UNAVAILABLE, at any time", async () => {
    const path = tempFile();
    const store = new SqliteStreamStore(path);
    using db = openBeside(path);
    await store.create("s");
    await store.append("s", ["a", "b"]);
    const [midway, waiting] = [store.readFrom("s", 0), store.readFrom("s", 2)];
    await midway.next();
    const pending = waiting.next();
    db.exec("BEGIN IMMEDIATE");
    const blocked = store.append("s", "c");
    store.close();
    store.close();
    db.exec("COMMIT");
    const calls = [
      pending,
      blocked,
      store.create("t"),
      store.append("s", "d"),
      store.getStatus("s"),
      store.stop("s"),
      store.delete("s"),
      store.readFrom("s", 0).next(),
      // What it has already been given, a reader may still hand out.
      midway.next().then(() => midway.next()),
    ];
    for (const call of await Promise.allSettled(calls)) {
      expect(call).toMatchObject({
        reason: { code: "UNAVAILABLE", message: "the store is closed" },
      });
    }
    using reopened = new SqliteStreamStore(path);
    expect(await reopened.getStatus("s")).toEqual({ state: "active", totalChunks: 2 });
  });
});

describe("reading", () => {
  it("a long stream is cut into pages by bytes, and the event loop gets its turns", async () => {
    using store = new SqliteStreamStore(tempFile());
    await store.create("s");
    const chunk = "x".repeat(100_000);
    for (let i = 0; i < 100; i++) await store.append("s", chunk);
    await store.complete("s");
    let turns = 0;
    const turn = (): void => {
      turns++;
      immediate = setImmediate(turn);
    };
    let immediate = setImmediate(turn);
    let count = 0;
    for await (const { data } of store.readFrom("s", 0)) count += Number(data === chunk);
    clearImmediate(immediate);
    expect(count).toBe(100);
    expect(turns).toBeGreaterThan(25);
  });

  it("wakes this process's readers at once, without the timer", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    try {
      using store = new SqliteStreamStore(tempFile());
      await store.create("s");
      const reading = drain(store, "s");
      for (const text of ["a", "b", "c"]) {
        await store.append("s", text);
        await pause(1);
      }
      await store.complete("s");
      expect((await reading).texts).toEqual(["a", "b", "c"]);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});

it.for([0, 1001, 1.5, "25"])("refuses a pollIntervalMs of %j", (pollIntervalMs) => {
  const options = { pollIntervalMs: pollIntervalMs as number };
  const open = (): SqliteStreamStore => new SqliteStreamStore(tempFile(), options);
  expect(open).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
});
