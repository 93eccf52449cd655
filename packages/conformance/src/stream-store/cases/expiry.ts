import { expect } from "vitest";
import type { StreamStore } from "@streambed/core/contracts";
import { outcomeOf, pause, soon, until } from "../asserting.ts";
import type { CaseContext } from "../case-context.ts";
import { defineWaitingCase } from "../define-case.ts";
import type { StreamStoreCase } from "../define-case.ts";
import { APPENDED_ENDS, ENDS } from "../ends.ts";

/** Time for a busy machine, and for servers that look at their clock now and then. */
const SLACK_MS = 1500;

export const expiryCases: readonly StreamStoreCase[] = [
  defineWaitingCase(
    "expiry-while-active",
    "every write keeps it, an empty one too",
    async (context) => {
      const { store, peer } = await context.stores();
      await Promise.all(
        [[["x"]], [[]], [[], ["x"]]].map(async (batches) => {
          const id = context.id();
          await store.create(id, { ttlSec: 2 });
          await store.append(id, "first");
          for (let i = 0; i < 5; i++) {
            await pause(500);
            await store.append(id, batches[i % batches.length] ?? []);
          }
          expect((await peer.getStatus(id))?.state).toBe("active");
          const first = await context.read(peer, id, 0).next();
          expect(first.value).toMatchObject({ data: "first" });
          await gone(peer, id, 2000 + SLACK_MS);
        }),
      );
    },
  ),

  defineWaitingCase(
    "expiry-after-end",
    "a second after any end nothing is left",
    async (context) => {
      const { store, peer } = await context.stores();
      await Promise.all(
        [...ENDS, ...APPENDED_ENDS].map(async (end) => {
          const id = context.id();
          await store.create(id, { ttlSec: 1, writer: undefined });
          await store.append(id, ["a", "b"]);
          await end.run(store, id);
          await pause(250);
          const kept = { ...end.leaves, totalChunks: 2 };
          expect(await peer.getStatus(id), `soon after ${end.name}`).toEqual(kept);
          await gone(store, id, 750 + SLACK_MS);
          await nothingLeft(context, store, peer, id);
        }),
      );
    },
  ),

  defineWaitingCase(
    "expiry-after-end",
    "by the store's ttlSec, where the stream has none",
    async (context) => {
      const { store, peer, id } = await context.stream({}, { ttlSec: 1 });
      await store.append(id, "a");
      await store.complete(id);
      await gone(peer, id, 1000 + SLACK_MS);
      await nothingLeft(context, store, peer, id);
    },
  ),

  defineWaitingCase(
    "expiry-after-end",
    "counts from the end, and no look or repeated end prolongs it",
    async (context) => {
      const { store, peer, id } = await context.stream({ ttlSec: 1, leaseMs: 60_000 });
      await store.append(id, "a", { op: "op-1" });
      await store.complete(id);
      const deadline = performance.now() + 1000 + SLACK_MS;
      while (performance.now() < deadline && (await peer.getStatus(id)) !== null) {
        await Promise.allSettled([
          store.stop(id),
          store.fail(id, "x"),
          peer.append(id, "a", { op: "op-1" }),
        ]);
        await pause(100);
      }
      expect(await store.getStatus(id)).toBeNull();
    },
  ),

  defineWaitingCase(
    "expiry-while-active",
    "twice the lease where that is longer, so that a lapse can be seen",
    async (context) => {
      const { store, peer, id } = await context.stream({ ttlSec: 1, leaseMs: 1500 });
      await store.append(id, "a");
      await pause(2000);
      expect(await peer.getStatus(id)).toMatchObject({ totalChunks: 1 });
      expect((await context.read(peer, id, 0).next()).value).toEqual({ seq: 1, data: "a" });
    },
  ),

  defineWaitingCase(
    "expiry-while-active",
    "ttlSec where that is longer than twice the lease",
    async (context) => {
      const { store, peer, id } = await context.stream({ ttlSec: 3, leaseMs: 600 });
      await store.append(id, "a");
      await pause(1500);
      expect(await peer.getStatus(id)).toMatchObject({ totalChunks: 1 });
    },
  ),
];

/** Waits until the stream is no longer to be found. */
async function gone(store: StreamStore, id: string, withinMs: number): Promise<void> {
  await until("the expiry", withinMs, async () => ((await store.getStatus(id)) ? undefined : true));
}

async function nothingLeft(
  context: CaseContext,
  store: StreamStore,
  peer: StreamStore,
  id: string,
): Promise<void> {
  const read = await outcomeOf(() => soon(context.read(peer, id, 0).next(), "an answer"));
  expect("value" in read && read.value.done !== true, "a chunk is left").toBe(false);
  await store.create(id);
  expect(await peer.getStatus(id)).toEqual({ state: "active", totalChunks: 0 });
  await store.delete(id);
}
