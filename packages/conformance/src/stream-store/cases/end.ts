import { expect } from "vitest";
import type { StreamStatus } from "@streambed/core/contracts";
import { drain, expectRefused, inBackground, take } from "../asserting.ts";
import { defineCase } from "../define-case.ts";
import type { StreamStoreCase } from "../define-case.ts";
import { APPENDED_ENDS, ENDS } from "../ends.ts";
import { NASTY_TEXTS } from "../texts.ts";

export const endCases: readonly StreamStoreCase[] = [
  defineCase("end-first-counts", "every end after every other changes nothing", async (context) => {
    const { store, peer } = await context.stores();
    for (const first of [...ENDS, ...APPENDED_ENDS]) {
      for (const second of ENDS) {
        const id = context.id();
        await store.create(id, { writer: undefined });
        await store.append(id, ["a", "b"]);
        await first.run(store, id);
        await second.run(peer, id);
        const what = `${second.name} after ${first.name}`;
        expect(await store.getStatus(id), what).toEqual({ ...first.leaves, totalChunks: 2 });
      }
    }
  }),

  defineCase("end-first-counts", "of racing ends one counts, for ever", async (context) => {
    const { store, peer } = await context.stores();
    for (let round = 0; round < 100; round++) {
      const id = context.id();
      await store.create(id);
      const seen: (StreamStatus | null)[] = [];
      const rotated = ENDS.map((_, i) => ENDS[(i + round) % ENDS.length]!);
      await Promise.all(
        rotated.map(async (end, i) => {
          const one = (round + i) % 2 ? store : peer;
          await end.run(one, id);
          seen.push(await one.getStatus(id));
        }),
      );
      const final = await peer.getStatus(id);
      expect(final?.state).not.toBe("active");
      for (const status of seen) expect(status).toEqual(final);
    }
  }),

  defineCase(
    "end-not-found",
    "an unknown stream cannot be ended, and does not come into being",
    async (context) => {
      const { store, peer } = await context.stores();
      for (const end of ENDS) {
        const id = context.id();
        await expectRefused("NOT_FOUND", () => end.run(store, id), end.name);
        expect(await peer.getStatus(id), end.name).toBeNull();
      }
    },
  ),

  defineCase("end-error-text", "the text comes back as it went in", async (context) => {
    const { store, peer } = await context.stores();
    for (const error of NASTY_TEXTS) {
      const id = context.id();
      await store.create(id);
      await store.fail(id, error);
      const status = { state: "error", error, totalChunks: 0 };
      expect(await peer.getStatus(id)).toEqual(status);
      expect((await drain(context.read(store, id, 0))).status).toEqual(status);
    }
  }),

  defineCase("end-error-text", "also as the end of an append", async (context) => {
    const { store, peer } = await context.stores();
    for (const error of NASTY_TEXTS) {
      const id = context.id();
      await store.create(id);
      await store.append(id, "x", { end: { error } });
      expect(await peer.getStatus(id)).toEqual({ state: "error", error, totalChunks: 1 });
    }
  }),

  defineCase(
    "end-error-text",
    "what is not well-formed text is refused, and ends nothing",
    async (context) => {
      const { store, id } = await context.stream();
      for (const bad of [undefined, null, 5, {}, new Error("x"), "\ud83d", "a\ude00"]) {
        const error = bad as string;
        await expectRefused("INVALID_CHUNK", () => store.fail(id, error), `fail(${String(bad)})`);
        await expectRefused("INVALID_CHUNK", () => store.append(id, "x", { end: { error } }));
      }
      expect(await store.getStatus(id)).toEqual({ state: "active", totalChunks: 0 });
    },
  ),

  defineCase("delete-forgets", "whatever the state, nothing is left", async (context) => {
    const { store, peer } = await context.stores();
    const ways = [{ name: "nothing", run: async () => {} }, ...ENDS];
    for (const { name, run } of ways) {
      const id = context.id();
      await store.create(id, { writer: "old" });
      await store.append(id, ["old 1", "old 2"], { writer: "old", op: "op-1" });
      await run(store, id);
      await peer.delete(id);
      expect(await store.getStatus(id), name).toBeNull();
      expect(await peer.getStatus(id), name).toBeNull();
    }
  }),

  defineCase(
    "delete-forgets",
    "the id is free, and the next stream of that id starts anew",
    async (context) => {
      const { store, peer, id } = await context.stream(
        { writer: "old" },
        { maxBytes: 10, maxChunks: 2 },
      );
      await store.append(id, ["old 1", "old 2"], { writer: "old", op: "op-1" });
      await peer.delete(id);
      await store.create(id);
      expect(await peer.getStatus(id)).toEqual({ state: "active", totalChunks: 0 });
      expect(await store.append(id, ["new 1"], { op: "op-1" })).toBe(1);
      await store.complete(id);
      expect((await drain(context.read(peer, id, 0))).texts).toEqual(["new 1"]);
    },
  ),

  defineCase("delete-forgets", "deleting what is not there resolves", async (context) => {
    const { store, peer, id } = await context.stream();
    await store.delete(context.id());
    await Promise.all([store.delete(id), peer.delete(id), store.delete(id)]);
    await peer.delete(id);
    expect(await store.getStatus(id)).toBeNull();
  }),

  defineCase(
    "read-stored-end",
    "the end that was stored, with all that came before it",
    async (context) => {
      const { store, peer } = await context.stores();
      for (const end of [...ENDS, ...APPENDED_ENDS]) {
        const id = context.id();
        await store.create(id);
        const live = context.read(peer, id, 0);
        const reading = inBackground(take(live, 2).then(() => drain(live)));
        await store.append(id, ["a", "b"]);
        await store.append(id, "c");
        await end.run(store, id);
        const status = { ...end.leaves, totalChunks: 3 };
        expect(await reading, end.name).toMatchObject({ texts: ["c"], status });
        for (const one of [store, peer]) {
          expect(await drain(context.read(one, id, 3))).toEqual({ texts: [], seqs: [], status });
          expect((await drain(context.read(one, id, 0))).status).toEqual(status);
        }
      }
    },
  ),
];
