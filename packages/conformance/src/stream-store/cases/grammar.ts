import { expect } from "vitest";
import { drain, expectRefused, outcomeOf } from "../asserting.ts";
import { defineCase } from "../define-case.ts";
import type { StreamStoreCase } from "../define-case.ts";
import { BAD_BATCHES, BAD_CHUNKS, BAD_IDS, HIGH, LOW, ODD_IDS, shown } from "../hostile.ts";

export const grammarCases: readonly StreamStoreCase[] = [
  defineCase("id-grammar", "a hostile id is refused by every method", async (context) => {
    const { store } = await context.stores();
    for (const bad of BAD_IDS) {
      const id = bad as string;
      const calls: Record<string, () => unknown> = {
        create: () => store.create(id),
        append: () => store.append(id, "x"),
        readFrom: () => context.read(store, id, 0).next(),
        getStatus: () => store.getStatus(id),
        stop: () => store.stop(id),
        complete: () => store.complete(id),
        fail: () => store.fail(id, "x"),
        delete: () => store.delete(id),
      };
      for (const [method, call] of Object.entries(calls)) {
        await expectRefused("INVALID_ID", call, `${method}(${shown(bad)})`);
      }
    }
  }),

  defineCase("id-grammar", "an odd id that matches works like any other", async (context) => {
    const { store, peer } = await context.stores();
    for (const id of ODD_IDS) {
      // What a run that was broken off has left behind.
      await outcomeOf(() => store.delete(id));
      await store.create(id);
      await store.append(id, [id, "x"]);
      await store.complete(id);
      expect(await peer.getStatus(id)).toEqual({ state: "done", totalChunks: 2 });
      expect((await drain(context.read(peer, id, 0))).texts).toEqual([id, "x"]);
    }
    for (const id of ODD_IDS) await peer.delete(id);
    expect(await store.getStatus("__proto__")).toBeNull();
  }),

  defineCase("append-chunk-grammar", "what is not well-formed text is refused", async (context) => {
    const { store, id } = await context.stream();
    for (const bad of BAD_BATCHES) {
      const append = () => store.append(id, bad as string);
      await expectRefused("INVALID_CHUNK", append, `append(${shown(bad)})`);
    }
    const sparse: string[] = ["a"];
    sparse[2] = "c";
    for (const batch of [sparse, ...BAD_CHUNKS.map((chunk) => [chunk])]) {
      const append = () => store.append(id, batch as string[]);
      await expectRefused("INVALID_CHUNK", append, `append([${shown(batch[0])}])`);
    }
    await store.append(id, `${HIGH}${LOW}`);
  }),

  defineCase(
    "append-all-or-nothing",
    "a refused batch stores none of its chunks",
    async (context) => {
      const limits = { maxChunkBytes: 100, maxChunks: 10, maxBytes: 500 };
      const { store, peer } = await context.stores(limits);
      const refused: Record<string, unknown[]> = {
        "a bad chunk last": ["a", "b", 5],
        "a bad chunk in the middle": ["a", null, "b"],
        "half a character last": ["a", HIGH],
        "a hole": ["a", , "b"],
        "a long chunk last": ["a", "x".repeat(101)],
        "too many chunks": Array.from({ length: 10 }, () => "x"),
        "too many bytes": Array.from({ length: 6 }, () => "x".repeat(90)),
      };
      for (const [what, batch] of Object.entries(refused)) {
        const id = context.id();
        await store.create(id);
        await store.append(id, "kept");
        const outcome = await outcomeOf(() => store.append(id, batch as string[], { end: "done" }));
        // Whether it has to be refused is what other cases ask.
        if (!("error" in outcome)) continue;
        expect(await peer.getStatus(id), what).toEqual({ state: "active", totalChunks: 1 });
        await store.complete(id);
        expect((await drain(context.read(peer, id, 0))).texts, what).toEqual(["kept"]);
      }
    },
  ),
];
