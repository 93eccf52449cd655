import { expect } from "vitest";
import { pause } from "../../stream-store/asserting.ts";
import { numbered } from "../../stream-store/texts.ts";
import { defineCase } from "../../suite/contract-case.ts";
import { entry, textOf } from "../state-context.ts";
import type { StateAdapterCase } from "../state-context.ts";
import { acquired } from "./locks.ts";

const EIGHT = [0, 1, 2, 3, 4, 5, 6, 7];

export const raceCases: readonly StateAdapterCase[] = [
  defineCase("lock-one-winner", "of 8 who ask at once one gets it, 100 times", async (context) => {
    const { store, peer } = await context.adapters();
    for (let round = 0; round < 100; round++) {
      const id = context.id();
      const asked = EIGHT.map((i) => ((i + round) % 2 ? store : peer).acquireLock(id, 60_000));
      const given = (await Promise.all(asked)).filter((lock) => lock !== null);
      expect(given, `round ${round}`).toHaveLength(1);
    }
  }),

  defineCase("lock-one-winner", "of those who take turns no two hold it", async (context) => {
    const { store, peer, id } = await context.fixture();
    let holders = 0;
    let turns = 0;
    const takeTurns = async (worker: number): Promise<void> => {
      const one = worker % 2 ? store : peer;
      for (let attempt = 0; attempt < 8; attempt++) {
        const lock = await one.acquireLock(id, 60_000);
        if (lock === null) continue;
        turns++;
        expect(++holders, "holders").toBe(1);
        await pause(1);
        holders--;
        await one.releaseLock(lock);
      }
    };
    await Promise.all(EIGHT.map(takeTurns));
    expect(turns).toBeGreaterThan(0);
  }),

  defineCase(
    "lock-release-compares",
    "nor in a race with who takes it over, 100 times",
    async (context) => {
      const { store, peer } = await context.adapters();
      for (let round = 0; round < 100; round++) {
        const fixture = { store, peer, id: context.id() };
        const former = await acquired(fixture);
        const [taken] = await Promise.all([
          store.releaseLock(former).then(() => null),
          peer.forceReleaseLock(fixture.id).then(() => null),
          peer.acquireLock(fixture.id, 60_000),
          store.releaseLock(former).then(() => null),
        ]).then((done) => done.filter((one) => one !== null));
        const next = taken ?? (await acquired(fixture));
        await (round % 2 ? store : peer).releaseLock(former);
        expect(await store.acquireLock(fixture.id, 60_000), `round ${round}`).toBeNull();
        await peer.releaseLock(next);
      }
    },
  ),

  defineCase(
    "lock-extend-compares",
    "nor in a race with its release, 100 times",
    async (context) => {
      const { store, peer } = await context.adapters();
      for (let round = 0; round < 100; round++) {
        const fixture = { store, peer, id: context.id() };
        const lock = await acquired(fixture);
        const one = round % 2 ? store : peer;
        await Promise.all([
          one.extendLock(lock, 60_000),
          store.forceReleaseLock(fixture.id),
          one.extendLock(lock, 60_000),
        ]);
        expect(await peer.acquireLock(fixture.id, 60_000), `round ${round}`).not.toBeNull();
      }
    },
  ),

  defineCase(
    "cache-one-winner",
    "of 8 who write at once one does, and is told, 100 times",
    async (context) => {
      const { store, peer } = await context.adapters();
      for (let round = 0; round < 100; round++) {
        const id = context.id();
        const written = EIGHT.map((i) =>
          ((i + round) % 2 ? store : peer).setIfNotExists(id, i, 60_000),
        );
        const told = await Promise.all(written);
        const winners = EIGHT.filter((_, i) => told[i]);
        expect(winners, `round ${round}`).toHaveLength(1);
        expect(await (round % 2 ? store : peer).get(id)).toBe(winners[0]);
      }
    },
  ),

  defineCase("list-order", "200 racing appends, each once", async (context) => {
    const { store, peer, id } = await context.fixture();
    const writers = EIGHT.map(async (writer) => {
      for (let i = 0; i < 25; i++) {
        await (writer % 2 ? store : peer).appendToList(id, `${writer} ${i}`);
      }
    });
    await Promise.all(writers);
    const list = await store.getList<string>(id);
    expect(list).toHaveLength(200);
    for (const writer of EIGHT) {
      const own = list.filter((one) => one.startsWith(`${writer} `));
      expect(own).toEqual(Array.from({ length: 25 }, (_, i) => `${writer} ${i}`));
    }
  }),

  defineCase("list-newest", "nobody sees more, in a race of 100 appends", async (context) => {
    const { store, peer, id } = await context.fixture();
    const texts = numbered(100);
    const appending = texts.map((text, i) =>
      (i % 2 ? store : peer).appendToList(id, text, { maxLength: 3 }),
    );
    const watching = texts.map(async (_, i) => {
      expect((await (i % 2 ? peer : store).getList(id)).length).toBeLessThanOrEqual(3);
    });
    await Promise.all([...appending, ...watching]);
    const left = await store.getList<string>(id);
    expect(new Set(left).size).toBe(3);
    expect(texts).toEqual(expect.arrayContaining(left));
  }),

  defineCase("queue-newest", "in a race of 100 entries too", async (context) => {
    const { store, peer, id } = await context.fixture();
    const sizes = numbered(100).map(async (text, i) => {
      const one = i % 2 ? store : peer;
      expect(await one.enqueue(id, entry(text), 3)).toBeLessThanOrEqual(3);
      expect(await one.queueDepth(id)).toBeLessThanOrEqual(3);
    });
    const watching = numbered(100).map(async (_, i) => {
      expect(await (i % 2 ? peer : store).queueDepth(id)).toBeLessThanOrEqual(3);
    });
    await Promise.all([...sizes, ...watching]);
    expect(await peer.queueDepth(id)).toBe(3);
  }),

  defineCase("queue-once", "200 entries, 8 who take and 4 who put", async (context) => {
    const { store, peer, id } = await context.fixture();
    const texts = numbered(200);
    const taken: (string | null)[] = [];
    let putting = 4;
    const put = async (worker: number): Promise<void> => {
      for (let i = worker; i < texts.length; i += 4) {
        await (worker % 2 ? store : peer).enqueue(id, entry(texts[i]!), 1000);
      }
      putting--;
    };
    const take = async (worker: number): Promise<void> => {
      for (;;) {
        const isLastLook = putting === 0;
        const text = textOf(await (worker % 2 ? store : peer).dequeue(id));
        if (text !== null) taken.push(text);
        else if (isLastLook) return;
        else await pause(1);
      }
    };
    await Promise.all([...[0, 1, 2, 3].map(put), ...EIGHT.map(take)]);
    expect(new Set(taken)).toEqual(new Set(texts));
    expect(taken).toHaveLength(texts.length);
  }),

  defineCase("queue-once", "equal entries are different ones", async (context) => {
    const { store, peer, id } = await context.fixture();
    const same = entry("same", Date.now() + 90_000);
    for (let i = 0; i < 12; i++) await store.enqueue(id, same, 100);
    expect([textOf(await peer.dequeue(id)), textOf(await store.dequeue(id))]).toEqual([
      "same",
      "same",
    ]);
    const asked = Array.from({ length: 20 }, (_, i) => (i % 2 ? store : peer).dequeue(id));
    const given = (await Promise.all(asked)).filter((one) => one !== null);
    expect(given).toHaveLength(10);
  }),
];
