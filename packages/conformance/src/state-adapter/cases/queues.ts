import type { QueueEntry } from "chat";
import { expect } from "vitest";
import { numbered } from "../../stream-store/texts.ts";
import { defineCase } from "../../suite/contract-case.ts";
import { drainQueue, entry, textOf } from "../state-context.ts";
import type { StateAdapterCase } from "../state-context.ts";

export const queueCases: readonly StateAdapterCase[] = [
  defineCase("queue-order", "the oldest first, by whomever", async (context) => {
    const { store, peer, id } = await context.fixture();
    expect(await store.dequeue(id)).toBeNull();
    const texts = numbered(20);
    for (const [i, text] of texts.entries()) {
      await (i % 3 ? store : peer).enqueue(id, entry(text), 100);
    }
    expect(textOf(await peer.dequeue(id))).toBe(texts[0]);
    await store.enqueue(id, entry("behind"), 100);
    expect(await drainQueue(store, id)).toEqual([...texts.slice(1), "behind"]);
    expect([await store.dequeue(id), await peer.dequeue(id)]).toEqual([null, null]);
  }),

  defineCase("queue-depth", "how many there are", async (context) => {
    const { store, peer, id } = await context.fixture();
    expect(await store.queueDepth(id)).toBe(0);
    for (let i = 1; i <= 5; i++) {
      expect(await (i % 2 ? store : peer).enqueue(id, entry(`${i}`), 10)).toBe(i);
      expect([await store.queueDepth(id), await peer.queueDepth(id)]).toEqual([i, i]);
    }
    for (let i = 4; i >= 0; i--) {
      await peer.dequeue(id);
      expect(await store.queueDepth(id)).toBe(i);
    }
    expect(await store.enqueue(id, entry("again"), 10)).toBe(1);
  }),

  defineCase("queue-newest", "of more than maxSize the oldest go", async (context) => {
    const { store, peer, id } = await context.fixture();
    const texts = numbered(7);
    for (const [i, text] of texts.entries()) {
      const depth = await (i % 2 ? store : peer).enqueue(id, entry(text), 3);
      expect(depth).toBe(Math.min(i + 1, 3));
    }
    expect(await peer.enqueue(id, entry("wider"), 5)).toBe(4);
    expect(await drainQueue(peer, id)).toEqual([...texts.slice(-3), "wider"]);
    for (const text of texts) expect(await store.enqueue(id, entry(text), 1)).toBe(1);
    expect(await drainQueue(peer, id)).toEqual(texts.slice(-1));
  }),

  defineCase("queue-newest", "0 is no limit", async (context) => {
    const { store, peer, id } = await context.fixture();
    const texts = numbered(15);
    for (const text of texts) await store.enqueue(id, entry(text), 0);
    expect(await drainQueue(peer, id)).toEqual(texts);
  }),

  defineCase("queue-entry", "comes back as it went in", async (context) => {
    const { store, peer, id } = await context.fixture();
    const one = entry("é€😀 \u2028 {} []");
    await store.enqueue(id, one, 10);
    expect(await peer.dequeue(id)).toStrictEqual(one);
  }),

  defineCase("queue-entry", "its message is what that says of itself", async (context) => {
    const { store, peer, id } = await context.fixture();
    const written = entry("said").message;
    // As the SDK's own messages do, which carry files and functions that no queue can keep.
    class Speaking {
      secret = (): void => {};
      toJSON = (): unknown => written;
    }
    const message = new Speaking() as unknown as QueueEntry["message"];
    const one = { ...entry("unsaid"), message };
    await store.enqueue(id, one, 10);
    expect(await peer.dequeue(id)).toStrictEqual({ ...one, message: written });
  }),

  defineCase("queue-late", "the others stay", async (context) => {
    const { store, peer, id } = await context.fixture();
    await store.enqueue(id, entry("in time"), 10);
    for (const expiresAt of [Date.now() - 1, Date.now() - 86_400_000, 0]) {
      await peer.enqueue(id, entry("late", expiresAt), 10);
    }
    await store.enqueue(id, entry("in time too"), 10);
    // Whether what is late is still handed out is the adapter's affair: the SDK looks at its time again.
    const left = await drainQueue(peer, id);
    expect(left.filter((text) => text !== "late")).toEqual(["in time", "in time too"]);
  }),
];
