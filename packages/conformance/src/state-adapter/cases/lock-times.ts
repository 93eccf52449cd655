import { expect } from "vitest";
import type { Lock, StateAdapter } from "chat";
import { pause } from "../../stream-store/asserting.ts";
import { defineCase, defineWaitingCase } from "../../suite/contract-case.ts";
import { SLACK_MS, expectGone, expectToLast } from "../lasting.ts";
import type { StateAdapterCase } from "../state-context.ts";
import { acquired } from "./locks.ts";

/** Looks by taking it: what was free is held for a moment afterwards. */
const isHeld = async (adapter: StateAdapter, id: string): Promise<boolean> =>
  (await adapter.acquireLock(id, 60_000)) === null;

export const lockTimeCases: readonly StateAdapterCase[] = [
  defineWaitingCase("lock-expiry", "free after ttlMs, and not before", async (context) => {
    const fixture = await context.fixture();
    await expectToLast({
      what: "the lock",
      ttlMs: 400,
      start: () => acquired(fixture, 400),
      holds: () => isHeld(fixture.peer, fixture.id),
    });
  }),

  defineWaitingCase("lock-release-compares", "nor is one that has expired", async (context) => {
    const fixture = await context.fixture();
    const { store, peer, id } = fixture;
    const lock = await acquired(fixture, 150);
    await expectGone("the lock", 120 + SLACK_MS, () => isHeld(peer, id));
    await store.releaseLock(lock);
    expect(await isHeld(store, id)).toBe(true);
  }),

  defineWaitingCase("lock-extend", "it lasts ttlMs from then on", async (context) => {
    const fixture = await context.fixture();
    const { store, peer, id } = fixture;
    const lock = await acquired(fixture, 5_000);
    await expectToLast({
      what: "shortened",
      ttlMs: 400,
      start: () => store.extendLock(lock, 400),
      holds: () => isHeld(peer, id),
    });
  }),

  defineWaitingCase("lock-extend", "by its beats it is held far longer", async (context) => {
    const fixture = await context.fixture();
    const { store, peer, id } = fixture;
    const lock = await acquired(fixture, 1_500);
    for (let i = 0; i < 8; i++) {
      await pause(250);
      expect(await (i % 2 ? store : peer).extendLock(lock, 1_500), `beat ${i}`).toBe(true);
    }
    expect(await isHeld(peer, id)).toBe(true);
  }),

  defineWaitingCase("lock-extend-compares", "what has expired stays so", async (context) => {
    const fixture = await context.fixture();
    const { store, peer, id } = fixture;
    const lock = await acquired(fixture, 100);
    await pause(300);
    expect(await store.extendLock(lock, 60_000)).toBe(false);
    await expectGone("the lock", SLACK_MS, () => isHeld(peer, id));
    expect(await store.extendLock(lock, 60_000)).toBe(false);
  }),

  defineWaitingCase("lock-extend-compares", "another's is not prolonged", async (context) => {
    const fixture = await context.fixture();
    const { store, peer, id } = fixture;
    const former = await acquired(fixture);
    await peer.forceReleaseLock(id);
    await acquired({ ...fixture, store: peer }, 300);
    expect(await store.extendLock(former, 60_000)).toBe(false);
    await expectGone("the lock", 300 + SLACK_MS, () => isHeld(peer, id));
  }),

  // Not beside those that look at the clock: it keeps everybody from it.
  defineCase("lock-expires-at", "nobody gets the lock before it", async (context) => {
    const { store, peer } = await context.adapters();
    const sent: { id: string; asked: number; taking: Promise<Lock | null> }[] = [];
    // Whenever the adapter's client writes: some of them are under way when the process stops to look.
    for (let i = 0; i < 6; i++) {
      const id = context.id();
      sent.push({ id, asked: Date.now(), taking: store.acquireLock(id, 120) });
      // After the last one nothing is read any more.
      if (i < 5) await new Promise((resolve) => setImmediate(resolve));
    }
    // The replies are read when the time is over.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 130);
    const watched = sent.map(async ({ id, asked, taking }) => {
      const lock = await taking;
      if (lock === null) expect.fail("a free lock was not given");
      expect(lock.expiresAt, "is in the future").toBeGreaterThan(asked + 60);
      await expectGone("the lock", 120 + SLACK_MS, () => isHeld(peer, id));
      expect(Date.now()).toBeGreaterThanOrEqual(lock.expiresAt);
    });
    await Promise.all(watched);
  }),
];
