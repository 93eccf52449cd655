import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ChangeWatcher } from "./change-watcher.ts";
import type { Glance } from "./change-watcher.ts";

const INTERVAL_MS = 25;
const PAGE = { epoch: "e", status: { state: "active" as const, totalChunks: 1 }, chunks: [] };

/** A database with streams as long as `totals` says, and a count of what it was asked. */
class FakeDatabase {
  readonly totals: Map<string, number> = new Map();
  readonly asked = { versions: 0, glances: 0 };
  version = 1;
  dueAt = Infinity;
  epoch = "e";
  broken = false;

  dataVersion(): number {
    this.asked.versions++;
    if (this.broken) throw new Error("disk I/O error");
    return this.version;
  }

  glance(id: string): Glance | undefined {
    this.asked.glances++;
    if (this.broken) throw new Error("disk I/O error");
    const totalChunks = this.totals.get(id);
    if (totalChunks === undefined) return undefined;
    return { epoch: this.epoch, state: "active", totalChunks, dueAt: this.dueAt };
  }

  snapshot(work: () => void): void {
    work();
  }

  writeFromElsewhere(id: string, total: number): void {
    this.totals.set(id, total);
    this.version++;
  }
}

let database: FakeDatabase;
let watcher: ChangeWatcher;
let woken: string[];

beforeEach(() => {
  vi.useFakeTimers();
  database = new FakeDatabase();
  watcher = new ChangeWatcher(database, INTERVAL_MS);
  woken = [];
  for (const id of ["a", "b"]) database.totals.set(id, 1);
});

afterEach(() => {
  expect(vi.getTimerCount(), "timers left").toBe(0);
  vi.useRealTimers();
});

/** Waits as a reader does; returns how it leaves. */
function wait(id: string, name = id): AbortController {
  const reader = new AbortController();
  const left = new AbortController();
  const changed = watcher.changed(id, PAGE, left.signal);
  void changed.then(() => woken.push(name));
  reader.signal.addEventListener("abort", () => left.abort());
  return reader;
}

const tick = (): Promise<unknown> => vi.advanceTimersByTimeAsync(INTERVAL_MS);

it("wakes only the readers of the stream that another process has written to", async () => {
  const b = wait("b");
  wait("a", "a1");
  wait("a", "a2");
  await tick();
  database.writeFromElsewhere("a", 2);
  await tick();
  expect(woken).toEqual(["a1", "a2"]);
  b.abort();
});

it("asks for the version alone while nobody writes", async () => {
  const readers = [wait("a"), wait("b")];
  await tick();
  const { glances, versions } = database.asked;
  for (let i = 0; i < 10; i++) await tick();
  expect(database.asked).toEqual({ glances, versions: versions + 10 });
  for (const reader of readers) reader.abort();
});

it("does not sleep through a write that came between a reader's page and its wait", async () => {
  const b = wait("b");
  database.writeFromElsewhere("a", 2);
  await tick();
  // The timer has seen that version, for another reader's sake.
  wait("a");
  await vi.advanceTimersByTimeAsync(0);
  expect(woken).toEqual(["a"]);
  b.abort();
});

it("wakes at once when told of a write, but not of a heartbeat, which moves the deadline", async () => {
  database.dueAt = Date.now() + 2 * INTERVAL_MS;
  wait("a");
  database.dueAt = Date.now() + 4 * INTERVAL_MS;
  watcher.recheck("a");
  await vi.advanceTimersByTimeAsync(3 * INTERVAL_MS);
  expect(woken).toEqual([]);
  database.totals.set("a", 2);
  watcher.recheck("a");
  await vi.advanceTimersByTimeAsync(0);
  expect(woken).toEqual(["a"]);
});

it("wakes when the stream's time has come, though nobody writes", async () => {
  database.dueAt = Date.now() + 100;
  wait("a");
  await vi.advanceTimersByTimeAsync(99);
  expect(woken).toEqual([]);
  await tick();
  expect(woken).toEqual(["a"]);
});

it("wakes when the stream is gone", async () => {
  wait("a");
  database.totals.delete("a");
  database.version++;
  await tick();
  expect(woken).toEqual(["a"]);
});

it("wakes when the stream is another one of the same length", async () => {
  wait("a");
  database.epoch = "another";
  database.version++;
  await tick();
  expect(woken).toEqual(["a"]);
});

it("wakes everybody when the database fails, so that they meet the failure", async () => {
  wait("a");
  wait("b");
  database.broken = true;
  await tick();
  expect(woken).toEqual(["a", "b"]);
});

it("has no timer but while somebody waits, and lets nobody wait once closed", async () => {
  expect(vi.getTimerCount()).toBe(0);
  const leaving = wait("a", "left");
  wait("a", "stayed");
  expect(vi.getTimerCount()).toBe(1);
  leaving.abort();
  expect(vi.getTimerCount()).toBe(1);
  watcher.close();
  expect(vi.getTimerCount()).toBe(0);
  wait("a", "late");
  await vi.advanceTimersByTimeAsync(0);
  expect(woken).toEqual(["left", "stayed", "late"]);
});
