import { expect } from "vitest";
import { PRODUCER_LOST } from "@streambed/core/contracts";
import { drain, expectRefused, pause, soon, until } from "../asserting.ts";
import { defineWaitingCase } from "../define-case.ts";
import type { StreamStoreCase } from "../define-case.ts";
import { ENDS } from "../ends.ts";

const LEASE_MS = 600;
/** A second is what the contract allows; the rest is for a busy machine. */
const NOTICED_MS = 1000 + 1000;
/** Clocks that differ in their rounding. */
const EARLY_MS = 30;

export const leaseCases: readonly StreamStoreCase[] = [
  defineWaitingCase(
    "lease-lapse",
    "whoever looks sees it, not before its time",
    async (context) => {
      const { store, peer } = await context.stores();
      const lapseMs = context.lapseMs(LEASE_MS);
      await Promise.all(
        [store, peer].map(async (looking) => {
          const id = context.id();
          const start = performance.now();
          await store.create(id, { leaseMs: LEASE_MS, writer: "w" });
          await store.append(id, ["a", "b"], { writer: "w" });
          const ended = await until("the lapse", lapseMs + NOTICED_MS, async () => {
            const status = await looking.getStatus(id);
            return status?.state === "active" ? undefined : status;
          });
          expect(performance.now() - start).toBeGreaterThan(lapseMs - EARLY_MS);
          expect(ended).toEqual({ state: "error", error: PRODUCER_LOST, totalChunks: 2 });
        }),
      );
    },
  ),

  defineWaitingCase(
    "lease-lapse",
    "readers that follow see it, after the last chunk",
    async (context) => {
      const { store, peer, id } = await context.stream({ leaseMs: LEASE_MS });
      const lapseMs = context.lapseMs(LEASE_MS);
      const start = performance.now();
      const readings = [store, peer, store].map((one) => drain(context.read(one, id, 0)));
      await store.append(id, ["a", "b"]);
      const seen = await soon(Promise.all(readings), "the lapse", lapseMs + NOTICED_MS);
      expect(performance.now() - start).toBeGreaterThan(lapseMs - EARLY_MS);
      const status = { state: "error", error: PRODUCER_LOST, totalChunks: 2 };
      for (const reading of seen) expect(reading).toMatchObject({ texts: ["a", "b"], status });
    },
  ),

  defineWaitingCase(
    "lease-lapse",
    "a reader that comes late sees it, and a producer that never wrote lapses",
    async (context) => {
      const { store, peer, id } = await context.stream({ leaseMs: LEASE_MS });
      await pause(context.lapseMs(LEASE_MS) + 100);
      const status = { state: "error", error: PRODUCER_LOST, totalChunks: 0 };
      expect((await soon(drain(context.read(peer, id, 0)), "the lapse", 1500)).status).toEqual(
        status,
      );
      expect(await store.getStatus(id)).toEqual(status);
    },
  ),

  defineWaitingCase(
    "lease-final",
    "what the producer sends later is refused, though it be the first to look",
    async (context) => {
      const { store, peer } = await context.stores();
      const late: ((id: string) => Promise<unknown>)[] = [
        (id) => store.append(id, "late", { writer: "w" }),
        (id) => store.append(id, [], { writer: "w" }),
        (id) => peer.append(id, "late", { writer: "w", end: "done" }),
        (id) => peer.append(id, [], { writer: "w" }),
      ];
      await Promise.all(
        late.map(async (send) => {
          const id = context.id();
          await store.create(id, { leaseMs: LEASE_MS, writer: "w" });
          await store.append(id, "in time", { writer: "w" });
          await pause(context.lapseMs(LEASE_MS) + 150);
          for (let i = 0; i < 2; i++) {
            const error = await expectRefused("NOT_ACTIVE", () => send(id));
            expect(error.state).toBe("error");
          }
          expect(await peer.getStatus(id)).toMatchObject({ state: "error", totalChunks: 1 });
        }),
      );
    },
  ),

  defineWaitingCase(
    "lease-final",
    "no other end replaces it, though it be the first to look",
    async (context) => {
      const { store, peer } = await context.stores();
      await Promise.all(
        ENDS.map(async (end) => {
          const id = context.id();
          await store.create(id, { leaseMs: LEASE_MS });
          await pause(context.lapseMs(LEASE_MS) + 150);
          await end.run(peer, id);
          const status = await store.getStatus(id);
          expect(status?.state, end.name).toBe("error");
          expect(status?.error, end.name).not.toBe("it broke");
        }),
      );
    },
  ),

  defineWaitingCase(
    "lease-final",
    "an end in time stands, and no lapse replaces it",
    async (context) => {
      const { store, peer } = await context.stores();
      await Promise.all(
        ENDS.map(async (end) => {
          const id = context.id();
          await store.create(id, { leaseMs: LEASE_MS });
          await end.run(store, id);
          await pause(context.lapseMs(LEASE_MS) + 300);
          expect(await peer.getStatus(id)).toEqual({ ...end.leaves, totalChunks: 0 });
        }),
      );
    },
  ),

  defineWaitingCase("lease-renewed", "by every append, an empty one too", async (context) => {
    const { store, peer } = await context.stores();
    const kinds: Record<string, string[][]> = {
      appends: [["x"]],
      heartbeats: [[]],
      both: [["x", "y"], []],
    };
    await Promise.all(
      Object.entries(kinds).map(async ([what, batches]) => {
        const id = context.id();
        await store.create(id, { leaseMs: 2 * LEASE_MS, writer: "w" });
        const reading = drain(context.read(peer, id, 0));
        const beats = Math.ceil(context.lapseMs(2 * LEASE_MS) / 300) + 1;
        for (let i = 0; i < beats; i++) {
          await pause(300);
          const batch = batches[i % batches.length] ?? [];
          await store.append(id, batch, { writer: "w" });
        }
        expect((await peer.getStatus(id))?.state, what).toBe("active");
        await store.complete(id);
        expect((await soon(reading, "the end")).status.state, what).toBe("done");
      }),
    );
  }),

  defineWaitingCase(
    "lease-none",
    "without leaseMs a silent producer is not lost",
    async (context) => {
      const { store, peer } = await context.stores();
      await Promise.all(
        [{}, { writer: "w" }, { leaseMs: undefined, writer: "w" }].map(async (options) => {
          const id = context.id();
          await store.create(id, options);
          const reading = drain(context.read(peer, id, 0));
          await pause(1700);
          expect(await store.getStatus(id)).toEqual({ state: "active", totalChunks: 0 });
          await store.append(id, "still here", { ...options, end: "done" });
          expect(await soon(reading, "the end")).toMatchObject({ texts: ["still here"] });
        }),
      );
    },
  ),
];
