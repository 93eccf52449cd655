import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { PRODUCER_LOST } from "@streambed/core/contracts";
import { SqliteStreamStore } from "@streambed/sqlite";
import { drain } from "./drain.ts";
import { Peer } from "./peer.ts";
import { tempFile } from "./temp-file.ts";

const stores: SqliteStreamStore[] = [];

afterAll(() => stores.forEach((store) => store.close()));

async function storeAndPeer(): Promise<{ path: string; store: SqliteStreamStore; peer: Peer }> {
  const path = tempFile();
  const store = new SqliteStreamStore(path);
  stores.push(store);
  return { path, store, peer: await Peer.start(path) };
}

describe("two processes on one file", { concurrent: true }, () => {
  it("one follows live what the other writes", async () => {
    const { store, peer } = await storeAndPeer();
    await store.create("s");
    const reading = peer.read("s");
    const sentAt: number[] = [];
    for (let i = 1; i <= 20; i++) {
      sentAt.push(performance.now());
      await store.append("s", `token ${i}`);
      await pause(20);
    }
    await vi.waitFor(() => expect(reading.chunks).toHaveLength(20));
    await store.complete("s");
    expect(await reading.end).toEqual({ state: "done", totalChunks: 20 });
    expect(reading.chunks.map(({ seq }) => seq)).toEqual(sentAt.map((_, i) => i + 1));
    // "Live" and "at the end" are far apart, even on a busy machine.
    const late = reading.chunks.map(({ at }, i) => at - (sentAt[i] ?? 0)).sort((a, b) => a - b);
    expect(late[10]).toBeLessThan(250);
  });

  it("one stops what the other produces, and reads on to the end", async () => {
    const { store, peer } = await storeAndPeer();
    await store.create("s", { writer: "producer" });
    const reading = drain(store, "s");
    await store.append("s", ["a", "b"], { writer: "producer" });
    await peer.call("stop", "s");
    await expect(store.append("s", "c", { writer: "producer" })).rejects.toMatchObject({
      code: "NOT_ACTIVE",
      state: "stopped",
    });
    const status = { state: "stopped", totalChunks: 2 };
    expect(await reading).toEqual({ texts: ["a", "b"], status });
  });

  it("fences another writer there, and knows its own", async () => {
    const { store, peer } = await storeAndPeer();
    await store.create("s", { writer: "mine" });
    const fenced = peer.call("append", "s", "x", { writer: "theirs" });
    await expect(fenced).rejects.toMatchObject({ code: "FENCED" });
    await expect(peer.call("append", "s", "x")).rejects.toMatchObject({ code: "FENCED" });
    expect(await peer.call("append", "s", "y", { writer: "mine", op: "1" })).toBe(1);
    expect(await store.append("s", "y", { writer: "mine", op: "1" })).toBe(1);
    expect(await store.getStatus("s")).toEqual({ state: "active", totalChunks: 1 });
  });

  it("deleting and re-creating in one ends the readers of the other", async () => {
    const { store, peer } = await storeAndPeer();
    await store.create("s");
    const reading = peer.read("s");
    await store.append("s", "a");
    await vi.waitFor(() => expect(reading.chunks).toHaveLength(1));
    await store.delete("s");
    await store.create("s");
    await expect(reading.end).rejects.toMatchObject({ code: "EXPIRED" });
  });

  it("when the writer is killed, its readers get all it wrote and the lapse; all agree", async () => {
    const { path, store, peer } = await storeAndPeer();
    const third = await Peer.start(path);
    await peer.call("create", "s", { writer: "w", leaseMs: 700 });
    const readings = [drain(store, "s"), third.read("s").end];
    for (let i = 1; i <= 5; i++) await peer.call("append", "s", `${i}`, { writer: "w" });
    await peer.kill();
    const killedAt = performance.now();
    const status = { state: "error", error: PRODUCER_LOST, totalChunks: 5 };
    expect(await readings[0]).toEqual({ texts: ["1", "2", "3", "4", "5"], status });
    expect(performance.now() - killedAt).toBeLessThan(700 + 1000 + 1000);
    expect(await readings[1]).toEqual(status);
    expect(await third.call("getStatus", "s")).toEqual(status);
    await expect(third.call("append", "s", "6", { writer: "w" })).rejects.toMatchObject({
      code: "NOT_ACTIVE",
    });
  });

  it("a process whose only business is a reader is not kept alive by it", async () => {
    const { store, peer } = await storeAndPeer();
    await store.create("s");
    const reading = peer.read("s");
    await store.append("s", "a");
    await vi.waitFor(() => expect(reading.chunks).toHaveLength(1));
    const exited = new Promise((resolve) => peer.child.once("exit", resolve));
    peer.call("release").catch(() => {});
    expect(await exited).toBe(0);
  });
});

// Not beside the others: they take all the processors there are.
describe("four processes race", () => {
  const path = tempFile();
  let peers: Peer[];

  beforeAll(async () => {
    peers = await Promise.all(Array.from({ length: 4 }, () => Peer.start(path)));
  });

  it("to open a new file: all succeed, each time", async () => {
    for (let round = 0; round < 15; round++) {
      const other = tempFile();
      const time = Date.now() + 10;
      await Promise.all(peers.map((peer) => peer.call("openAt", time, other)));
      const store = new SqliteStreamStore(other);
      for (const { child } of peers)
        expect(await store.getStatus(`by-${child.pid}`)).not.toBeNull();
      store.close();
    }
  });

  it("to create: one wins, each time", async () => {
    for (let round = 0; round < 20; round++) {
      const attempts = peers.map((peer, i) =>
        peer.call("create", `s${round}`, { writer: `w${i}` }),
      );
      const results = await Promise.allSettled(attempts);
      const refused = results.flatMap((r) => (r.status === "rejected" ? [r.reason.code] : []));
      expect(refused).toEqual(Array.from({ length: 3 }, () => "ALREADY_EXISTS"));
    }
  });

  it("to append to one stream: no chunk is lost or torn from its batch", async () => {
    const store = new SqliteStreamStore(path);
    stores.push(store);
    await store.create("s");
    const reading = drain(store, "s");
    const appends = peers.flatMap((peer, i) =>
      Array.from({ length: 100 }, (_, n) =>
        peer.call("append", "s", [`${i} ${n} a`, `${i} ${n} b`]),
      ),
    );
    const seqs = (await Promise.all(appends)) as number[];
    expect(seqs.sort((x, y) => x - y)).toEqual(seqs.map((_, n) => 2 * (n + 1)));
    await store.complete("s");
    const { texts } = await reading;
    expect(texts).toHaveLength(800);
    for (let n = 0; n < 800; n += 2) expect(texts[n + 1]).toBe(texts[n]?.replace("a", "b"));
    for (let i = 0; i < 4; i++) {
      const own = texts.filter((text) => text.startsWith(`${i} `) && text.endsWith("a"));
      expect(own).toEqual(Array.from({ length: 100 }, (_, n) => `${i} ${n} a`));
    }
  });
});
