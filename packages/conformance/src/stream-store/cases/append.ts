import { expect } from "vitest";
import fc from "fast-check";
import { drain, expectRefused, outcomeOf } from "../asserting.ts";
import { defineCase } from "../define-case.ts";
import type { StreamStoreCase } from "../define-case.ts";
import { APPENDED_ENDS, ENDS } from "../ends.ts";
import { NASTY_TEXTS, anyText, numbered } from "../texts.ts";

export const appendCases: readonly StreamStoreCase[] = [
  defineCase("append-order", "seqs count from 1, over texts and batches", async (context) => {
    const { store, peer, id } = await context.stream();
    expect(await store.append(id, "a")).toBe(1);
    expect(await peer.append(id, ["b", "c", "d"])).toBe(4);
    expect(await store.append(id, ["e"])).toBe(5);
    await store.complete(id);
    const { texts, seqs } = await drain(context.read(peer, id, 0));
    expect(texts).toEqual(["a", "b", "c", "d", "e"]);
    expect(seqs).toEqual([1, 2, 3, 4, 5]);
  }),

  defineCase("append-order", "10,000 chunks in one batch", async (context) => {
    const { store, peer, id } = await context.stream();
    const batch = numbered(10_000);
    expect(await store.append(id, batch)).toBe(10_000);
    await store.complete(id);
    const { texts } = await drain(context.read(peer, id, 0));
    expect(texts.length).toBe(10_000);
    expect(texts.join("\n") === batch.join("\n"), "in order").toBe(true);
  }),

  defineCase("append-order", "racing batches do not mix", async (context) => {
    const { store, peer, id } = await context.stream();
    const batches = Array.from({ length: 60 }, (_, i) => numbered(1 + (i % 7), `batch ${i}:`));
    const lastSeqs = await Promise.all(
      batches.map((batch, i) => (i % 2 ? store : peer).append(id, batch)),
    );
    await store.complete(id);
    const { texts } = await drain(context.read(store, id, 0));
    expect(texts.length).toBe(batches.flat().length);
    for (const [i, batch] of batches.entries()) {
      const last = lastSeqs[i] ?? 0;
      expect(texts.slice(last - batch.length, last)).toEqual(batch);
    }
  }),

  defineCase("append-verbatim", "texts that stores are known to mangle", async (context) => {
    const { store, peer, id } = await context.stream();
    for (const text of NASTY_TEXTS) await store.append(id, text);
    await store.append(id, NASTY_TEXTS);
    await store.complete(id);
    const expected = [...NASTY_TEXTS, ...NASTY_TEXTS];
    expect((await drain(context.read(store, id, 0))).texts).toEqual(expected);
    expect((await drain(context.read(peer, id, 0))).texts).toEqual(expected);
  }),

  defineCase("append-verbatim", "any batches of well-formed text", async (context) => {
    const { store, peer } = await context.stores();
    const batches = fc.array(fc.array(anyText, { minLength: 1, maxLength: 6 }), { maxLength: 5 });
    const property = fc.asyncProperty(batches, async (list) => {
      const id = context.id();
      await store.create(id);
      for (const batch of list) await store.append(id, batch);
      await store.complete(id);
      expect((await drain(context.read(peer, id, 0))).texts).toEqual(list.flat());
    });
    await fc.assert(property, { numRuns: 40 });
  }),

  defineCase("append-verbatim", "a chunk of almost 1 MiB", async (context) => {
    const { store, peer, id } = await context.stream();
    const long = "\u20ac\ud83d\ude00x".repeat(131_071);
    await store.append(id, ["before", long, "after"]);
    await store.complete(id);
    const { texts } = await drain(context.read(peer, id, 0));
    expect(texts.length).toBe(3);
    expect(texts[1] === long, "the long chunk came back as it went in").toBe(true);
  }),

  defineCase("append-verbatim", "the caller may reuse the array at once", async (context) => {
    const { store, id } = await context.stream();
    const batch = ["a", "b", "c"];
    const appended = store.append(id, batch);
    batch.splice(0, 3, "changed", "x", "y", "z");
    expect(await appended).toBe(3);
    await store.complete(id);
    expect((await drain(context.read(store, id, 0))).texts).toEqual(["a", "b", "c"]);
  }),

  defineCase(
    "append-not-found",
    "an unknown stream is refused and does not come into being",
    async (context) => {
      const { store, peer } = await context.stores();
      const id = context.id();
      await expectRefused("NOT_FOUND", () => store.append(id, "x"));
      await expectRefused("NOT_FOUND", () => store.append(id, ["x"], { writer: "w", op: "o" }));
      await expectRefused("NOT_FOUND", () => store.append(id, "x", { end: "done" }));
      expect(await peer.getStatus(id)).toBeNull();
      await peer.create(id);
      expect(await peer.getStatus(id)).toEqual({ state: "active", totalChunks: 0 });
    },
  ),

  defineCase(
    "append-not-active",
    "an ended stream refuses, and says how it ended",
    async (context) => {
      const { store, peer } = await context.stores();
      for (const end of [...ENDS, ...APPENDED_ENDS]) {
        const id = context.id();
        await store.create(id);
        await store.append(id, "kept");
        await end.run(store, id);
        for (const chunks of ["late", ["late", "later"]]) {
          const error = await expectRefused("NOT_ACTIVE", () => peer.append(id, chunks), end.name);
          expect(error.state).toBe(end.leaves.state);
        }
      }
    },
  ),

  defineCase("append-fenced", "another writer, or none, is refused", async (context) => {
    const { store, peer, id } = await context.stream({ writer: "mine" });
    await store.append(id, "a", { writer: "mine" });
    for (const writer of ["other", "MINE", "min", "mine2", undefined]) {
      await expectRefused("FENCED", () => store.append(id, "x", { writer }), `writer ${writer}`);
      await expectRefused("FENCED", () => peer.append(id, ["x"], { writer, end: "done" }));
    }
    expect(await peer.getStatus(id)).toEqual({ state: "active", totalChunks: 1 });
    expect(await peer.append(id, "b", { writer: "mine" })).toBe(2);
  }),

  defineCase("append-after", "directly behind that seq, or not at all", async (context) => {
    const { store, peer, id } = await context.stream({ writer: "w" });
    expect(await store.append(id, ["a", "b"], { writer: "w", after: 0 })).toBe(2);
    expect(await peer.append(id, "c", { writer: "w", after: 2 })).toBe(3);
    for (const after of [0, 2, 4, 1e9]) {
      const late = { writer: "w", after } as const;
      await expectRefused("CONFLICT", () => store.append(id, ["a", "b"], late), `after ${after}`);
      await expectRefused("CONFLICT", () => peer.append(id, "x", { ...late, end: "done" }));
    }
    expect(await peer.getStatus(id)).toEqual({ state: "active", totalChunks: 3 });
    expect(await store.append(id, "d", { writer: "w", after: 3 })).toBe(4);
  }),

  defineCase("append-end", "ends the stream with its chunks", async (context) => {
    const { store, peer } = await context.stores();
    const ends = [
      { end: "done", leaves: { state: "done" } },
      { end: { error: "no more" }, leaves: { state: "error", error: "no more" } },
    ] as const;
    for (const { end, leaves } of ends) {
      for (const batch of [["last"], ["last", "very last"], []]) {
        const id = context.id();
        await store.create(id, { writer: "w" });
        await store.append(id, "first", { writer: "w" });
        const total = 1 + batch.length;
        expect(await store.append(id, batch, { writer: "w", end })).toBe(total);
        const status = { ...leaves, totalChunks: total };
        expect(await peer.getStatus(id)).toEqual(status);
        const reading = await drain(context.read(peer, id, 0));
        expect(reading).toMatchObject({ texts: ["first", ...batch], status });
      }
    }
  }),

  defineCase("append-end", "in one step: a stop comes before it or after it", async (context) => {
    const { store, peer } = await context.stores();
    for (let round = 0; round < 100; round++) {
      const id = context.id();
      await store.create(id);
      const append = () => outcomeOf(() => store.append(id, ["a", "b"], { end: "done" }));
      const stop = () => peer.stop(id);
      const ended = round % 2 ? append() : undefined;
      const stopped = stop();
      const outcome = await (ended ?? append());
      await stopped;
      const expected =
        "error" in outcome
          ? { state: "stopped", totalChunks: 0 }
          : { state: "done", totalChunks: 2 };
      expect(await store.getStatus(id)).toEqual(expected);
    }
  }),

  defineCase("append-end", "the caller may change the end at once", async (context) => {
    const { store, id } = await context.stream();
    const end = { error: "as given" };
    const appended = store.append(id, "x", { end });
    end.error = "changed";
    await appended;
    expect(await store.getStatus(id)).toEqual({
      state: "error",
      error: "as given",
      totalChunks: 1,
    });
  }),
];
