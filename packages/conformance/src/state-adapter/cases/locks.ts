import type { Lock } from "chat";
import { expect } from "vitest";
import { outcomeOf } from "../../stream-store/asserting.ts";
import { defineCase } from "../../suite/contract-case.ts";
import type { StateAdapterCase, StateFixture } from "../state-context.ts";

const TTL_MS = 30_000;

/** A lock that must be there to be had. */
export async function acquired({ store, id }: StateFixture, ttlMs: number = TTL_MS): Promise<Lock> {
  const lock = await store.acquireLock(id, ttlMs);
  if (lock === null) expect.fail("a free lock was not given");
  return lock;
}

/** Locks that are not the one that is held, for all that they look like it. */
function lookalikes(lock: Lock): Lock[] {
  const tokens = ["", "x", `${lock.token} `, lock.token.slice(0, -1), `${lock.token}0`];
  return [...tokens, lock.token.toUpperCase()].map((token) => ({ ...lock, token }));
}

export const lockCases: readonly StateAdapterCase[] = [
  defineCase("lock-one-winner", "a held lock is not given again", async (context) => {
    const { store, peer, id } = await context.fixture();
    expect(await store.acquireLock(id, TTL_MS)).not.toBeNull();
    for (const one of [peer, store, peer]) expect(await one.acquireLock(id, TTL_MS)).toBeNull();
    expect(await peer.acquireLock(context.id(), TTL_MS)).not.toBeNull();
  }),

  defineCase("lock-token", "names the thread, with a token of its own", async (context) => {
    const { store, peer } = await context.adapters();
    const tokens = new Set<string>();
    for (let i = 0; i < 50; i++) {
      const id = context.id();
      const lock = await acquired({ store: i % 2 ? store : peer, peer, id });
      expect(lock.threadId).toBe(id);
      expect(lock.token).toBeTypeOf("string");
      expect(lock.token.length).toBeGreaterThan(8);
      tokens.add(lock.token);
      await store.forceReleaseLock(id);
      tokens.add((await acquired({ store, peer, id })).token);
    }
    expect(tokens.size).toBe(100);
  }),

  defineCase("lock-release", "the lock is free, for anybody", async (context) => {
    const fixture = await context.fixture();
    const { store, peer, id } = fixture;
    for (const next of [peer, store]) {
      await store.releaseLock(await acquired(fixture));
      const lock = await next.acquireLock(id, TTL_MS);
      expect(lock).not.toBeNull();
      if (lock) await next.releaseLock(lock);
    }
  }),

  defineCase("lock-release", "by whoever has its token", async (context) => {
    const fixture = await context.fixture();
    const { peer, id } = fixture;
    const { token, threadId } = await acquired(fixture);
    await peer.releaseLock({ threadId, token, expiresAt: 0 });
    expect(await peer.acquireLock(id, TTL_MS)).not.toBeNull();
  }),

  defineCase("lock-release-compares", "without its token it stays", async (context) => {
    const fixture = await context.fixture();
    const { store, peer, id } = fixture;
    const lock = await acquired(fixture);
    for (const other of lookalikes(lock)) {
      await (other.token.length % 2 ? store : peer).releaseLock(other);
      expect(await peer.acquireLock(id, TTL_MS), other.token).toBeNull();
    }
  }),

  defineCase("lock-release-compares", "the next holder's lock stays", async (context) => {
    const fixture = await context.fixture();
    const { store, peer, id } = fixture;
    const lock = await acquired(fixture);
    await peer.forceReleaseLock(id);
    await store.releaseLock(lock);
    expect(await peer.acquireLock(id, TTL_MS)).not.toBeNull();
    for (const one of [store, peer]) await one.releaseLock(lock);
    expect(await store.acquireLock(id, TTL_MS)).toBeNull();
  }),

  defineCase("lock-force", "frees another's lock, and no third one", async (context) => {
    const fixture = await context.fixture();
    const { store, peer, id } = fixture;
    const elsewhere = { store, peer, id: `${id}:1` };
    await acquired(fixture);
    await acquired(elsewhere);
    await peer.forceReleaseLock(id);
    expect(await peer.acquireLock(id, TTL_MS)).not.toBeNull();
    expect(await peer.acquireLock(elsewhere.id, TTL_MS)).toBeNull();
  }),

  defineCase("lock-force", "of a free lock it resolves", async (context) => {
    const { store, peer, id } = await context.fixture();
    await store.forceReleaseLock(id);
    expect(await peer.acquireLock(id, TTL_MS)).not.toBeNull();
  }),

  defineCase("lock-extend", "true, as often as it is held", async (context) => {
    const fixture = await context.fixture();
    const { store, peer } = fixture;
    const lock = await acquired(fixture);
    for (const one of [store, peer, store]) expect(await one.extendLock(lock, TTL_MS)).toBe(true);
    // What it says of its end is its holder's note: only the token counts.
    expect(await peer.extendLock({ ...lock, expiresAt: 0 }, TTL_MS)).toBe(true);
  }),

  defineCase("lock-extend-compares", "false, and none is created", async (context) => {
    const fixture = await context.fixture();
    const { store, peer, id } = fixture;
    const never = { threadId: id, token: "never_1700000000000_taken", expiresAt: Date.now() + 1e6 };
    expect(await store.extendLock(never, TTL_MS), "never taken").toBe(false);
    const released = await acquired({ ...fixture, id: `${id}:released` });
    await store.releaseLock(released);
    expect(await peer.extendLock(released, TTL_MS), "released").toBe(false);
    const forced = await acquired(fixture);
    await peer.forceReleaseLock(id);
    expect(await store.extendLock(forced, TTL_MS), "taken away").toBe(false);
    expect(await peer.acquireLock(id, TTL_MS), "is free").not.toBeNull();
    expect(await store.extendLock(forced, TTL_MS), "another's").toBe(false);
  }),

  defineCase("lock-extend-compares", "false without its token", async (context) => {
    const fixture = await context.fixture();
    const { peer } = fixture;
    const lock = await acquired(fixture);
    for (const other of lookalikes(lock)) {
      expect(await peer.extendLock(other, TTL_MS), other.token).toBe(false);
    }
  }),

  defineCase("lock-ttl", "no lock without a time", async (context) => {
    const { store, peer, id } = await context.fixture();
    for (const ttlMs of [0, -1, -30_000, Number.NaN, -Infinity]) {
      const outcome = await outcomeOf(() => store.acquireLock(id, ttlMs));
      expect(outcome, `${ttlMs} ms`).toHaveProperty("error");
    }
    expect(await peer.acquireLock(id, TTL_MS)).not.toBeNull();
  }),

  defineCase("lock-ttl", "prolonged by nothing it is refused, and stays", async (context) => {
    const fixture = await context.fixture();
    const { store, peer, id } = fixture;
    const lock = await acquired(fixture);
    for (const ttlMs of [0, -1, -30_000, Number.NaN, -Infinity]) {
      const outcome = await outcomeOf(() => store.extendLock(lock, ttlMs));
      expect(outcome, `${ttlMs} ms`).toHaveProperty("error");
      expect(await peer.acquireLock(id, TTL_MS), `after ${ttlMs} ms`).toBeNull();
    }
    expect(await peer.extendLock(lock, TTL_MS)).toBe(true);
  }),
];
