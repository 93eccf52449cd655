import { expect } from "vitest";
import { numbered } from "../../stream-store/texts.ts";
import { defineCase } from "../../suite/contract-case.ts";
import type { StateAdapterCase } from "../state-context.ts";

export const listCases: readonly StateAdapterCase[] = [
  defineCase("list-order", "the oldest first, by whomever", async (context) => {
    const { store, peer, id } = await context.fixture();
    expect(await store.getList(id)).toEqual([]);
    const texts = numbered(40);
    for (const [i, text] of texts.entries()) {
      const options = [undefined, {}, { maxLength: 0 }, { maxLength: 100, ttlMs: 60_000 }][i % 4];
      await (i % 3 ? store : peer).appendToList(id, text, options);
    }
    expect([await store.getList(id), await peer.getList(id)]).toEqual([texts, texts]);
  }),

  defineCase("list-order", "equal elements are different ones", async (context) => {
    const { store, peer, id } = await context.fixture();
    for (const one of [store, peer, store]) await one.appendToList(id, { same: 1 });
    expect(await peer.getList(id)).toEqual([{ same: 1 }, { same: 1 }, { same: 1 }]);
  }),

  defineCase("list-newest", "with maxLength the oldest go", async (context) => {
    const { store, peer, id } = await context.fixture();
    const texts = numbered(9);
    for (const [i, text] of texts.entries()) {
      await (i % 2 ? store : peer).appendToList(id, text, { maxLength: 4 });
      expect(await peer.getList(id)).toEqual(texts.slice(Math.max(0, i - 3), i + 1));
    }
    await store.appendToList(id, "without");
    expect(await peer.getList(id)).toEqual([...texts.slice(-4), "without"]);
    await peer.appendToList(id, "last", { maxLength: 2, ttlMs: 60_000 });
    expect(await store.getList(id)).toEqual(["without", "last"]);
  }),

  defineCase("list-newest", "maxLength 1 leaves the last alone", async (context) => {
    const { store, peer, id } = await context.fixture();
    for (const text of numbered(20)) await store.appendToList(id, text, { ttlMs: 60_000 });
    await peer.appendToList(id, { __chatSdkTombstone: true }, { maxLength: 1 });
    expect(await store.getList(id)).toEqual([{ __chatSdkTombstone: true }]);
  }),
];
