import { expect } from "vitest";
import type { StreamStore } from "@streambed/core/contracts";
import { drain, expectRefused, inBackground, pause, soon, take } from "../asserting.ts";
import { defineCase, defineWaitingCase } from "../define-case.ts";
import type { StreamStoreCase } from "../define-case.ts";
import { numbered, seqsTo } from "../texts.ts";

export const followCases: readonly StreamStoreCase[] = [
  defineCase("read-every-chunk", "live, chunk by chunk, here and elsewhere", async (context) => {
    const { store, peer, id } = await context.stream();
    const local = context.read(store, id, 0);
    const remote = context.read(peer, id, 0);
    for (const [i, text] of numbered(4).entries()) {
      const both = inBackground(Promise.all([local.next(), remote.next()]));
      await pause(10);
      await store.append(id, text);
      const chunk = { done: false, value: { seq: i + 1, data: text } };
      expect(await soon(both, text)).toEqual([chunk, chunk]);
    }
  }),

  defineCase(
    "read-every-chunk",
    "readers that come at any time, while two write",
    async (context) => {
      const { store, peer, id } = await context.stream();
      const readers = [0, 0, 0].map((after, i) =>
        drain(context.read(i % 2 ? store : peer, id, after)),
      );
      const cursors = [0, 0, 0];
      let total = 0;
      for (let i = 0; i < 40; i++) {
        const [one, other] = await Promise.all([
          store.append(id, numbered(1 + (i % 5), `a${i}`)),
          peer.append(id, numbered(1 + (i % 3), `b${i}`)),
        ]);
        total = Math.max(one, other);
        if (i % 8 !== 0) continue;
        const after = i % 16 ? total : Math.floor(total / 2);
        cursors.push(after);
        readers.push(drain(context.read(i % 3 ? store : peer, id, after)));
      }
      await store.complete(id);
      const { texts } = await drain(context.read(store, id, 0));
      expect(texts.length).toBe(total);
      for (const [i, reading] of (await soon(Promise.all(readers), "all readings")).entries()) {
        const after = cursors[i] ?? 0;
        expect(reading.seqs).toEqual(seqsTo(total, after));
        expect(reading.texts).toEqual(texts.slice(after));
      }
    },
  ),

  defineCase(
    "read-every-chunk",
    "a slow reader and a fast one do not disturb each other",
    async (context) => {
      const { store, peer, id } = await context.stream();
      await store.append(id, "chunk 1");
      const slow = [context.read(store, id, 0), context.read(peer, id, 0)];
      for (const reader of slow) expect(await take(reader, 1)).toEqual(["chunk 1"]);
      const fast = [store, peer].map((one) => drain(context.read(one, id, 0)));
      const rest = numbered(2000).slice(1);
      for (let i = 0; i < rest.length; i += 100) await store.append(id, rest.slice(i, i + 100));
      await store.complete(id);
      for (const { seqs } of await soon(Promise.all(fast), "the fast readers")) {
        expect(seqs).toEqual(seqsTo(2000));
      }
      for (const reader of slow) {
        expect(await take(reader, 500)).toEqual(rest.slice(0, 500));
        const leftOver = await soon(drain(reader), "the slow reader's rest");
        expect(leftOver.texts).toEqual(rest.slice(500));
      }
    },
  ),

  defineCase("read-every-chunk", "a reader that leaves disturbs no other", async (context) => {
    const { store, peer, id } = await context.stream();
    await store.append(id, "a");
    const staying = [drain(context.read(store, id, 0)), drain(context.read(peer, id, 1))];
    for (const one of [store, peer, store, peer]) {
      const leaving = context.read(one, id, 0);
      await take(leaving, 1);
      await soon(leaving.return(undefined as never), "the way out");
    }
    await store.append(id, ["b", "c"], { end: "done" });
    const [here, there] = await soon(Promise.all(staying), "the readers that stay");
    expect(here?.texts).toEqual(["a", "b", "c"]);
    expect(there?.texts).toEqual(["b", "c"]);
  }),

  defineWaitingCase("read-stored-end", "silence is not an end", async (context) => {
    const { store, peer, id } = await context.stream();
    await store.append(id, "a");
    const returned: string[] = [];
    const read = async (one: StreamStore, after: number): Promise<void> => {
      const { status } = await drain(context.read(one, id, after));
      returned.push(status.state);
    };
    const readings = inBackground(
      Promise.all([read(store, 0), read(peer, 0), read(store, 1), read(peer, 1)]),
    );
    await pause(400);
    expect(returned, "while the stream is active").toEqual([]);
    await store.stop(id);
    await soon(readings, "the end");
    expect(returned).toEqual(["stopped", "stopped", "stopped", "stopped"]);
  }),

  defineCase("read-expired", "deleted while a reader waits", async (context) => {
    const { store, peer, id } = await context.stream();
    await store.append(id, "a");
    const readers = [context.read(store, id, 0), context.read(peer, id, 0)];
    for (const reader of readers) await take(reader, 1);
    const waiting = readers.map((reader) => inBackground(reader.next()));
    await pause(20);
    await store.delete(id);
    for (const next of waiting) {
      await expectRefused("EXPIRED", () => soon(next, "the news that it is gone", 8000));
    }
  }),

  defineCase("read-expired", "deleted and re-created, longer than before", async (context) => {
    const { store, peer, id } = await context.stream();
    await store.append(id, ["old 1", "old 2"]);
    // Some have been told all that there was, some have been told of one chunk only.
    const readers = [store, peer, peer, store].map((one) => context.read(one, id, 0));
    const told = await Promise.all(readers.map((reader, i) => take(reader, i % 2 ? 1 : 2)));
    const waiting = readers.map(async (reader, i) => {
      for await (const { data } of reader) told[i]?.push(data);
    });
    for (const reading of waiting) void inBackground(reading);
    await pause(20);
    await store.delete(id);
    await store.create(id);
    await store.append(id, ["new 1", "new 2", "new 3"]);
    for (const reading of waiting) {
      await expectRefused("EXPIRED", () => soon(reading, "the news", 8000));
    }
    for (const texts of told) expect(texts).toEqual(["old 1", "old 2"].slice(0, texts.length));
  }),

  defineCase("read-expired", "deleted under a reader that is in the middle", async (context) => {
    const { store, peer, id } = await context.stream();
    const texts = numbered(1000);
    await store.append(id, texts);
    const readers = [context.read(store, id, 0), context.read(peer, id, 0)];
    const seen = await Promise.all(readers.map((reader) => take(reader, 3)));
    await store.delete(id);
    for (const [i, reader] of readers.entries()) {
      const rest = async (): Promise<void> => {
        for await (const { data } of reader) seen[i]?.push(data);
      };
      await expectRefused("EXPIRED", () => soon(rest(), "the news that it is gone", 8000));
      expect(seen[i]).toEqual(texts.slice(0, seen[i]?.length));
    }
  }),

  defineWaitingCase("read-expired", "expired while being followed", async (context) => {
    const { store, peer, id } = await context.stream({ ttlSec: 1 });
    await store.append(id, "a");
    const readers = [context.read(store, id, 0), context.read(peer, id, 0)];
    for (const reader of readers) await take(reader, 1);
    const waiting = readers.map((reader) => inBackground(reader.next()));
    for (const next of waiting) {
      await expectRefused("EXPIRED", () => soon(next, "the news that it is gone", 10_000));
    }
  }),
];
