import { expect } from "vitest";
import { codeOf, drain, expectRefused, pause } from "../asserting.ts";
import { defineCase, defineWaitingCase } from "../define-case.ts";
import type { StreamStoreCase } from "../define-case.ts";
import { ENDS } from "../ends.ts";

export const createCases: readonly StreamStoreCase[] = [
  defineCase("create-one-winner", "of 60 racing producers one wins, ten times", async (context) => {
    const { store, peer } = await context.stores();
    for (let round = 0; round < 10; round++) {
      const id = context.id();
      const writers = Array.from({ length: 60 }, (_, i) => `writer-${i}`);
      const results = await Promise.allSettled(
        writers.map((writer, i) => (i % 2 ? store : peer).create(id, { writer })),
      );
      const refused = results.flatMap((r) => (r.status === "rejected" ? [codeOf(r.reason)] : []));
      expect(refused).toEqual(Array.from({ length: 59 }, () => "ALREADY_EXISTS"));
      const winner = writers[results.findIndex((result) => result.status === "fulfilled")];
      expect(await store.append(id, "mine", { writer: winner })).toBe(1);
    }
  }),

  defineCase(
    "create-one-winner",
    "of 50 racing creates without a writer one wins",
    async (context) => {
      const { store, peer } = await context.stores();
      const id = context.id();
      const results = await Promise.allSettled(
        Array.from({ length: 50 }, (_, i) => (i % 2 ? store : peer).create(id)),
      );
      expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
      for (const result of results) {
        if (result.status === "rejected") expect(codeOf(result.reason)).toBe("ALREADY_EXISTS");
      }
    },
  ),

  defineCase(
    "create-one-winner",
    "an id that is taken is refused, and its stream untouched",
    async (context) => {
      const { store, peer, id } = await context.stream({ writer: "first" });
      await store.append(id, ["a", "b"], { writer: "first" });
      for (const writer of ["second", "First", "first2", undefined]) {
        await expectRefused(
          "ALREADY_EXISTS",
          () => peer.create(id, { writer }),
          `writer ${writer}`,
        );
      }
      expect(await store.getStatus(id)).toEqual({ state: "active", totalChunks: 2 });
    },
  ),

  defineCase("create-one-winner", "a stream that has ended still holds its id", async (context) => {
    const { store, peer } = await context.stores();
    for (const end of ENDS) {
      const id = context.id();
      await store.create(id, { writer: "first" });
      await store.append(id, "kept", { writer: "first" });
      await end.run(store, id);
      await expectRefused("ALREADY_EXISTS", () => peer.create(id), `create after ${end.name}`);
      await expectRefused("ALREADY_EXISTS", () => peer.create(id, { writer: "second" }));
      expect(await store.getStatus(id)).toEqual({ ...end.leaves, totalChunks: 1 });
    }
  }),

  defineCase("create-same-writer", "the writer that stands may create again", async (context) => {
    const { store, peer, id } = await context.stream({ writer: "producer" });
    await peer.create(id, { writer: "producer" });
    await store.append(id, ["a", "b"], { writer: "producer" });
    await store.create(id, { writer: "producer" });
    await peer.create(id, { writer: "producer" });
    expect(await store.append(id, "c", { writer: "producer" })).toBe(3);
    await store.complete(id);
    expect((await drain(context.read(peer, id, 0))).texts).toEqual(["a", "b", "c"]);
  }),

  defineCase("create-same-writer", "twenty lost replies at once", async (context) => {
    const { store, peer } = await context.stores();
    const id = context.id();
    const again = Array.from({ length: 20 }, (_, i) =>
      (i % 2 ? store : peer).create(id, { writer: "producer" }),
    );
    await Promise.all(again);
    expect(await peer.getStatus(id)).toEqual({ state: "active", totalChunks: 0 });
  }),

  defineWaitingCase("create-same-writer", "creating again changes no lease", async (context) => {
    const { store, id } = await context.stream({ writer: "producer" });
    await store.create(id, { writer: "producer", leaseMs: 200 });
    await pause(context.lapseMs(200) + 300);
    expect(await store.getStatus(id)).toEqual({ state: "active", totalChunks: 0 });
  }),

  defineCase("create-open", "without a writer, anyone may append", async (context) => {
    const { store, peer, id } = await context.stream();
    expect(await store.append(id, "a", { writer: "one" })).toBe(1);
    expect(await peer.append(id, "b", { writer: "two" })).toBe(2);
    expect(await store.append(id, "c")).toBe(3);
    expect(await peer.append(id, "d", { writer: "one" })).toBe(4);
    await peer.append(id, [], { writer: "three" });
  }),
];
