import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { SqliteStreamStore } from "@streambed/sqlite";
import { Peer } from "./peer.ts";
import { tempFile } from "./temp-file.ts";

/** Times to kill at: the longest is after some dozens of checkpoints of the log. */
const KILLED_AFTER_MS = [20, 90, 250, 500, 900];

describe("kill -9 amid appends", { concurrent: true }, () => {
  it.for(KILLED_AFTER_MS)(
    "after %i ms: what was acknowledged is there, and no batch is torn",
    async (ms) => {
      const path = tempFile();
      const peer = await Peer.start(path);
      await peer.call("create", "s");
      const hammering = peer.call("hammer", "s");
      hammering.catch(() => {});
      await pause(ms);
      await peer.kill();
      const acknowledged = Number(peer.acknowledged.trim().split("\n").at(-1));

      using store = new SqliteStreamStore(path);
      const total = (await store.getStatus("s"))?.totalChunks ?? 0;
      // The one append whose reply the kill may have swallowed, and no more.
      expect([acknowledged, acknowledged + 3]).toContain(total);
      await store.complete("s");
      let count = 0;
      for await (const { seq, data } of store.readFrom("s", 0)) {
        if (seq !== ++count || data !== `${seq}:${"x".repeat(seq % 997)}`) {
          expect.fail(`chunk ${count} came back as seq ${seq}: ${data}`);
        }
      }
      expect(count).toBe(total);
      expect(damages(path, total)).toEqual([{ integrity_check: "ok" }]);
    },
  );
});

/** What SQLite finds wrong with the file; our own counts first. */
function damages(path: string, total: number): unknown[] {
  const db = new DatabaseSync(path);
  try {
    const sums = "SELECT count(*) AS chunks, coalesce(sum(length(data)), 0) AS bytes FROM chunk";
    const counts = "SELECT total_chunks AS chunks, bytes FROM stream";
    expect(db.prepare(sums).get()).toEqual(db.prepare(counts).get());
    expect(db.prepare(counts).get()).toMatchObject({ chunks: total });
    return db.prepare("PRAGMA integrity_check").all();
  } finally {
    db.close();
  }
}
