import type { StateAdapter } from "chat";
import { expect } from "vitest";
import { outcomeOf } from "../../stream-store/asserting.ts";
import { defineCase } from "../../suite/contract-case.ts";
import { entry, textOf } from "../state-context.ts";
import type { StateAdapterCase } from "../state-context.ts";
import { acquired } from "./locks.ts";

/** Every call but `connect` and `disconnect`. */
function callsOf(adapter: StateAdapter, id: string): Record<string, () => Promise<unknown>> {
  const lock = { threadId: id, token: "some_1700000000000_token", expiresAt: Date.now() + 60_000 };
  return {
    acquireLock: () => adapter.acquireLock(id, 60_000),
    appendToList: () => adapter.appendToList(`${id}:list`, "a"),
    delete: () => adapter.delete(id),
    dequeue: () => adapter.dequeue(id),
    enqueue: () => adapter.enqueue(id, entry("a"), 10),
    extendLock: () => adapter.extendLock(lock, 60_000),
    forceReleaseLock: () => adapter.forceReleaseLock(id),
    get: () => adapter.get(id),
    getList: () => adapter.getList(`${id}:list`),
    isSubscribed: () => adapter.isSubscribed(id),
    queueDepth: () => adapter.queueDepth(id),
    releaseLock: () => adapter.releaseLock(lock),
    set: () => adapter.set(id, "a"),
    setIfNotExists: () => adapter.setIfNotExists(id, "a"),
    subscribe: () => adapter.subscribe(id),
    unsubscribe: () => adapter.unsubscribe(id),
  };
}

async function expectNotConnected(adapter: StateAdapter, id: string): Promise<void> {
  for (const [call, run] of Object.entries(callsOf(adapter, id))) {
    const outcome = await outcomeOf(run);
    const message = "error" in outcome ? String(outcome.error) : "resolved";
    expect(message, call).toMatch(/not connected/);
  }
}

export const lifecycleCases: readonly StateAdapterCase[] = [
  defineCase("connect-first", "every call says that it is not connected", async (context) => {
    const { store, peer } = await context.unconnected();
    const id = context.id();
    await expectNotConnected(store, id);
    await peer.connect();
    expect(await peer.get(id), "nothing was stored").toBeNull();
    expect(await peer.queueDepth(id)).toBe(0);
  }),

  defineCase("connect-again", "by several at once, and later", async (context) => {
    const { store } = await context.unconnected();
    const id = context.id();
    await Promise.all([store.connect(), store.connect(), store.connect()]);
    await store.set(id, "a");
    await store.connect();
    expect(await store.get(id)).toBe("a");
  }),

  defineCase("disconnect", "every call says that it is not connected", async (context) => {
    const { store, id } = await context.fixture();
    await store.disconnect();
    await expectNotConnected(store, id);
  }),

  defineCase("disconnect", "again, by several, and before connect", async (context) => {
    const { store } = await context.unconnected();
    await store.disconnect();
    await store.connect();
    await Promise.all([store.disconnect(), store.disconnect()]);
    await store.disconnect();
  }),

  defineCase("reconnect", "all is as it was left", async (context) => {
    const fixture = await context.fixture();
    const { store, id } = fixture;
    for (let i = 0; i < 3; i++) {
      await store.disconnect();
      await store.connect();
    }
    const lock = await acquired(fixture);
    await store.set(id, "a");
    await store.appendToList(`${id}:list`, "b");
    await store.enqueue(id, entry("c"), 10);
    await store.subscribe(id);
    await store.disconnect();
    await store.connect();
    expect([await store.get(id), await store.getList(`${id}:list`)]).toEqual(["a", ["b"]]);
    expect(textOf(await store.dequeue(id))).toBe("c");
    expect(await store.isSubscribed(id)).toBe(true);
    expect(await store.extendLock(lock, 60_000)).toBe(true);
  }),

  defineCase("disconnect-alone", "another adapter goes on", async (context) => {
    const { store, peer, id } = await context.fixture();
    // In memory there may be one only.
    if (peer === store) return;
    const lock = await acquired({ store: peer, peer, id });
    await peer.subscribe(id);
    await store.disconnect();
    for (const [call, run] of Object.entries(callsOf(peer, `${id}:other`))) {
      expect(await outcomeOf(run), call).not.toHaveProperty("error");
    }
    expect(await peer.extendLock(lock, 60_000)).toBe(true);
    expect(await peer.isSubscribed(id)).toBe(true);
  }),
];
