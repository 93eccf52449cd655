import { expect } from "vitest";
import { drain, expectRefused, inBackground, staysPending, take } from "../asserting.ts";
import { defineCase, defineWaitingCase } from "../define-case.ts";
import type { StreamStoreCase } from "../define-case.ts";
import { ENDS } from "../ends.ts";

export const repeatCases: readonly StreamStoreCase[] = [
  defineCase("repeat-op", "a batch whose reply was lost is stored once", async (context) => {
    const { store, peer, id } = await context.stream({ writer: "w" });
    await store.append(id, "first", { writer: "w", op: "op-1" });
    const again = () => peer.append(id, ["a", "b"], { writer: "w", op: "op-2" });
    expect(await store.append(id, ["a", "b"], { writer: "w", op: "op-2" })).toBe(3);
    expect(await again()).toBe(3);
    expect(await again()).toBe(3);
    expect(await store.append(id, "c", { writer: "w", op: "op-3" })).toBe(4);
    await store.complete(id);
    expect((await drain(context.read(store, id, 0))).texts).toEqual(["first", "a", "b", "c"]);
  }),

  defineCase("repeat-op", "also when the stream has ended since", async (context) => {
    const { store, peer } = await context.stores();
    for (const end of ENDS) {
      const id = context.id();
      await store.create(id);
      await store.append(id, ["a", "b"], { op: "op-1" });
      await end.run(peer, id);
      expect(await store.append(id, ["a", "b"], { op: "op-1" }), end.name).toBe(2);
      expect(await store.getStatus(id)).toEqual({ ...end.leaves, totalChunks: 2 });
    }
  }),

  defineCase("repeat-op", "also when it was what ended the stream", async (context) => {
    const { store, peer } = await context.stores();
    for (const batch of [["a", "b"], []]) {
      const id = context.id();
      await store.create(id);
      await store.append(id, "first", { op: "op-1" });
      const last = { op: "op-2", end: "done" } as const;
      const total = await store.append(id, batch, last);
      expect(await peer.append(id, batch, last)).toBe(total);
      expect(await store.getStatus(id)).toEqual({ state: "done", totalChunks: 1 + batch.length });
    }
  }),

  defineCase("repeat-op", "also when the stream is full", async (context) => {
    const { store, peer, id } = await context.stream({}, { maxChunks: 2, maxBytes: 2 });
    await store.append(id, ["a", "b"], { op: "op-1" });
    expect(await store.append(id, ["a", "b"], { op: "op-1" })).toBe(2);
    expect(await peer.append(id, ["a", "b"], { op: "op-1" })).toBe(2);
  }),

  defineCase("repeat-op", "two copies of a request in flight at once", async (context) => {
    const { store, peer } = await context.stores();
    for (let round = 0; round < 30; round++) {
      const id = context.id();
      await store.create(id);
      const copies = [store, peer, store].map((one) => one.append(id, ["a", "b"], { op: "op-1" }));
      expect(await Promise.all(copies)).toEqual([2, 2, 2]);
      expect(await store.getStatus(id)).toEqual({ state: "active", totalChunks: 2 });
    }
  }),

  defineCase(
    "repeat-new-op",
    "the same text under another op is another append",
    async (context) => {
      const { store, peer, id } = await context.stream();
      expect(await store.append(id, "ha", { op: "op-1" })).toBe(1);
      expect(await store.append(id, "ha", { op: "op-2" })).toBe(2);
      expect(await peer.append(id, "ha", { op: "op-3" })).toBe(3);
      expect(await store.append(id, "ha")).toBe(4);
      expect(await store.append(id, "ha")).toBe(5);
      expect(await peer.append(id, ["ha"])).toBe(6);
    },
  ),

  defineWaitingCase(
    "heartbeat-silent",
    "an empty batch stores nothing and wakes nobody",
    async (context) => {
      const { store, peer, id } = await context.stream({ writer: "w" });
      expect(await store.append(id, [], { writer: "w" })).toBe(0);
      await store.append(id, ["a", "b"], { writer: "w" });
      const local = context.read(store, id, 0);
      const remote = context.read(peer, id, 0);
      expect(await take(local, 2)).toEqual(["a", "b"]);
      expect(await take(remote, 2)).toEqual(["a", "b"]);
      const waiting = inBackground(Promise.race([local.next(), remote.next()]));
      for (let i = 0; i < 5; i++) expect(await store.append(id, [], { writer: "w" })).toBe(2);
      expect(await staysPending(waiting, 200), "readers go on waiting").toBe(true);
      expect(await peer.getStatus(id)).toEqual({ state: "active", totalChunks: 2 });
    },
  ),

  defineCase(
    "heartbeat-refused",
    "an empty batch is refused where an append would be",
    async (context) => {
      const { store, peer } = await context.stores();
      const id = context.id();
      await expectRefused("NOT_FOUND", () => store.append(id, []));
      await store.create(id, { writer: "w" });
      await expectRefused("FENCED", () => store.append(id, [], { writer: "other" }));
      await expectRefused("FENCED", () => peer.append(id, []));
      for (const end of ENDS) {
        const ended = context.id();
        await store.create(ended, { writer: "w" });
        await end.run(peer, ended);
        const beat = () => store.append(ended, [], { writer: "w" });
        const error = await expectRefused("NOT_ACTIVE", beat, `a heartbeat after ${end.name}`);
        expect(error.state).toBe(end.leaves.state);
      }
    },
  ),
];
