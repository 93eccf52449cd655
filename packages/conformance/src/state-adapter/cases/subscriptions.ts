import { expect } from "vitest";
import { defineCase } from "../../suite/contract-case.ts";
import type { StateAdapterCase } from "../state-context.ts";

export const subscriptionCases: readonly StateAdapterCase[] = [
  defineCase("subscription-each", "of that thread, for everybody", async (context) => {
    const { store, peer, id } = await context.fixture();
    const threads = [id, `${id}:1`, id.toUpperCase(), id.slice(0, -1)];
    const seen = (): Promise<boolean[]> =>
      Promise.all(threads.map((one, i) => (i % 2 ? store : peer).isSubscribed(one)));
    expect(await seen()).toEqual([false, false, false, false]);
    await store.subscribe(id);
    expect(await seen()).toEqual([true, false, false, false]);
    await peer.subscribe(threads[1]!);
    await store.unsubscribe(threads[2]!);
    expect(await seen()).toEqual([true, true, false, false]);
    await peer.unsubscribe(id);
    expect(await seen()).toEqual([false, true, false, false]);
  }),

  defineCase("subscription-each", "twice is once, both ways", async (context) => {
    const { store, peer, id } = await context.fixture();
    for (const one of [store, peer, store]) await one.subscribe(id);
    expect(await peer.isSubscribed(id)).toBe(true);
    await store.unsubscribe(id);
    for (const one of [store, peer]) expect(await one.isSubscribed(id)).toBe(false);
    await peer.unsubscribe(id);
    await store.subscribe(id);
    expect(await peer.isSubscribed(id)).toBe(true);
  }),
];
