import { expect } from "vitest";
import { defineCase } from "../../suite/contract-case.ts";
import type { ActiveStreamsCase } from "../active-context.ts";

export const getCases: readonly ActiveStreamsCase[] = [
  defineCase("active-get", "the id comes back as it was written", async (context) => {
    const { store, peer } = await context.stores();
    const ids = [
      "0",
      "007",
      "1e3",
      "-1",
      "null",
      "true",
      "NaN",
      "..",
      ":",
      "aB_.:-9",
      crypto.randomUUID(),
    ];
    for (const id of ids) {
      const chat = context.chat();
      expect(await store.set(chat, id)).toBe(id);
      expect([await store.get(chat), await peer.get(chat)]).toEqual([id, id]);
    }
  }),

  defineCase("active-get", "through any store object, as soon as it was set", async (context) => {
    const { store, peer, chat } = await context.fixture();
    expect([await store.get(chat), await peer.get(chat)]).toEqual([null, null]);
    let instead: string | undefined;
    for (const id of ["s1", "s2", "s3", "s4"]) {
      await (id < "s3" ? store : peer).set(chat, id, { instead });
      expect([await store.get(chat), await peer.get(chat)]).toEqual([id, id]);
      instead = id;
    }
  }),

  defineCase("active-get", "one chat's pointer is no other's", async (context) => {
    const { store, peer, chat } = await context.fixture();
    const chats = [
      chat,
      `${chat}:`,
      `${chat}:s1`,
      `${chat}.`,
      chat.toUpperCase(),
      chat.slice(0, -1),
    ];
    for (const [i, one] of chats.entries()) expect(await store.set(one, `s${i}`)).toBe(`s${i}`);
    for (const [i, one] of chats.entries()) expect(await peer.get(one), one).toBe(`s${i}`);
    // Of the same id, too.
    const twins = [context.chat(), context.chat()] as const;
    for (const one of twins) await store.set(one, "shared");
    await store.clear(twins[0], "shared");
    expect(await peer.get(twins[1])).toBe("shared");
  }),
];
