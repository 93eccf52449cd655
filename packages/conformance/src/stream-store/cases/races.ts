import { expect } from "vitest";
import { codeOf, drain, inBackground, outcomeOf, soon } from "../asserting.ts";
import { defineCase } from "../define-case.ts";
import type { StreamStoreCase } from "../define-case.ts";
import { ENDS } from "../ends.ts";
import { numbered } from "../texts.ts";

export const raceCases: readonly StreamStoreCase[] = [
  defineCase("end-seals", "what is seen after an end is what stays", async (context) => {
    const { store, peer } = await context.stores();
    for (let round = 0; round < 150; round++) {
      const id = context.id();
      await store.create(id);
      const end = ENDS[round % ENDS.length]!;
      const appends = [1, 2, 3].map((n) =>
        outcomeOf(() => (n % 2 ? store : peer).append(id, numbered(n, `${n}:`))),
      );
      const ending = end.run(round % 2 ? store : peer, id);
      appends.push(outcomeOf(() => store.append(id, "after")));
      await ending;
      const seen = await (round % 4 < 2 ? store : peer).getStatus(id);
      expect(seen?.state).toBe(end.leaves.state);
      const outcomes = await Promise.all(appends);
      outcomes.push(await outcomeOf(() => peer.append(id, "late")));
      expect(await store.getStatus(id)).toEqual(seen);
      const stored = outcomes.flatMap((outcome) => ("value" in outcome ? [outcome.value] : []));
      expect(Math.max(0, ...stored)).toBe(seen?.totalChunks);
    }
  }),

  defineCase("end-seals", "no reader is told of a chunk behind the end", async (context) => {
    const { store, peer } = await context.stores();
    const round = async (n: number): Promise<void> => {
      const id = context.id();
      await store.create(id);
      const readings = [store, peer].map((one) => drain(context.read(one, id, 0)));
      const appends = numbered(6).map((text, i) =>
        outcomeOf(() => (i % 2 ? store : peer).append(id, [text, text])),
      );
      const stopping = inBackground(peer.stop(id));
      await Promise.all(appends.slice(0, n % 6));
      await stopping;
      const status = await store.getStatus(id);
      await Promise.all(appends);
      for (const reading of await soon(Promise.all(readings), "the end")) {
        expect(reading.status).toEqual(status);
        expect(reading.seqs.length).toBe(status?.totalChunks);
      }
    };
    for (let n = 0; n < 60; n += 12) {
      await Promise.all(Array.from({ length: 12 }, (_, i) => round(n + i)));
    }
  }),

  defineCase(
    "append-not-active",
    "an append that loses the race against an end says so",
    async (context) => {
      const { store, peer } = await context.stores();
      for (let round = 0; round < 50; round++) {
        const id = context.id();
        await store.create(id);
        const end = ENDS[round % ENDS.length]!;
        const appends = numbered(4).map((text) => outcomeOf(() => store.append(id, text)));
        await end.run(peer, id);
        for (const outcome of await Promise.all(appends)) {
          if ("error" in outcome) expect(codeOf(outcome.error)).toBe("NOT_ACTIVE");
        }
      }
    },
  ),

  defineCase(
    "delete-forgets",
    "an append in flight does not bring anything back",
    async (context) => {
      const { store, peer } = await context.stores();
      for (let round = 0; round < 50; round++) {
        const id = context.id();
        await store.create(id);
        const appends = numbered(3).map((text, i) =>
          outcomeOf(() => (i % 2 ? store : peer).append(id, [text, text])),
        );
        await (round % 2 ? store : peer).delete(id);
        await Promise.all(appends);
        expect(await store.getStatus(id)).toBeNull();
        await store.create(id);
        await store.append(id, "new", { end: "done" });
        const reading = await drain(context.read(peer, id, 0));
        expect(reading).toMatchObject({
          texts: ["new"],
          status: { state: "done", totalChunks: 1 },
        });
      }
    },
  ),
];
