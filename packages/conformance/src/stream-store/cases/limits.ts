import { expect } from "vitest";
import { expectRefused } from "../asserting.ts";
import { defineCase } from "../define-case.ts";
import type { StreamStoreCase } from "../define-case.ts";

const EURO = "\u20ac"; // 3 bytes, 1 code unit
const SMILE = "\ud83d\ude00"; // 4 bytes, 2 code units
const E_ACUTE = "\u00e9"; // 2 bytes, 1 code unit

export const limitCases: readonly StreamStoreCase[] = [
  defineCase("limit-chunk-bytes", "counts the bytes of UTF-8", async (context) => {
    const { store, id } = await context.stream({}, { maxChunkBytes: 12 });
    const fit = [
      "x".repeat(12),
      EURO.repeat(4),
      SMILE.repeat(3),
      E_ACUTE.repeat(6),
      `y${E_ACUTE}${EURO}${SMILE}xx`,
    ];
    expect(await store.append(id, fit)).toBe(fit.length);
    for (const text of fit) {
      await expectRefused("LIMIT", () => store.append(id, `${text}x`), JSON.stringify(`${text}x`));
      await expectRefused("LIMIT", () => store.append(id, ["a", `${text}x`], { end: "done" }));
    }
    expect(await store.append(id, "small")).toBe(fit.length + 1);
  }),

  defineCase("limit-chunk-bytes", "is 1 MiB unless told otherwise", async (context) => {
    const { store, id } = await context.stream();
    await expectRefused("LIMIT", () => store.append(id, "x".repeat(1_048_577)));
    await expectRefused("LIMIT", () => store.append(id, E_ACUTE.repeat(524_289)));
    expect(await store.append(id, "x".repeat(1_048_576))).toBe(1);
  }),

  defineCase("limit-chunks", "counts the chunks of the whole stream", async (context) => {
    const { store, peer, id } = await context.stream({}, { maxChunks: 5 });
    await expectRefused("LIMIT", () => store.append(id, ["", "", "", "", "", ""]));
    expect(await store.append(id, ["a", "b", "c"])).toBe(3);
    await expectRefused("LIMIT", () => peer.append(id, ["d", "e", "f"]));
    await expectRefused("LIMIT", () => store.append(id, ["d", "e", "f"], { end: "done" }));
    expect(await peer.append(id, "d")).toBe(4);
    expect(await store.append(id, [""])).toBe(5);
    await expectRefused("LIMIT", () => store.append(id, ""));
    await expectRefused("LIMIT", () => peer.append(id, "f"));
    expect(await store.getStatus(id)).toEqual({ state: "active", totalChunks: 5 });
  }),

  defineCase("limit-chunks", "racing batches do not slip past together", async (context) => {
    const { store, peer, id } = await context.stream({}, { maxChunks: 3 });
    const appends = Array.from({ length: 30 }, (_, i) => (i % 2 ? store : peer).append(id, "x"));
    const results = await Promise.allSettled(appends);
    expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(3);
    expect(await store.getStatus(id)).toEqual({ state: "active", totalChunks: 3 });
  }),

  defineCase("limit-chunks", "a full stream can still be ended", async (context) => {
    const { store, id } = await context.stream({}, { maxChunks: 1, maxBytes: 1 });
    await store.append(id, "x");
    await store.append(id, [], { end: "done" });
    expect(await store.getStatus(id)).toEqual({ state: "done", totalChunks: 1 });
  }),

  defineCase("limit-bytes", "counts the bytes of the whole stream", async (context) => {
    const { store, peer, id } = await context.stream({}, { maxBytes: 20 });
    await expectRefused("LIMIT", () => store.append(id, [EURO.repeat(5), "x".repeat(6)]));
    expect(await store.append(id, [EURO.repeat(2), SMILE])).toBe(2);
    expect(await peer.append(id, E_ACUTE.repeat(2))).toBe(3);
    await expectRefused("LIMIT", () => store.append(id, ["xx", EURO, "xx"]));
    await expectRefused("LIMIT", () => peer.append(id, "x".repeat(7), { end: "done" }));
    expect(await store.append(id, ["", "xx", SMILE])).toBe(6);
    await expectRefused("LIMIT", () => store.append(id, "x"));
    await expectRefused("LIMIT", () => peer.append(id, ["", "x"]));
    expect(await peer.append(id, "")).toBe(7);
    expect(await store.getStatus(id)).toEqual({ state: "active", totalChunks: 7 });
  }),

  defineCase("limit-bytes", "racing batches do not slip past together", async (context) => {
    const { store, peer, id } = await context.stream({}, { maxBytes: 10, maxChunks: 1000 });
    const appends = Array.from({ length: 30 }, (_, i) => (i % 2 ? store : peer).append(id, "xxx"));
    const results = await Promise.allSettled(appends);
    expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(3);
    expect(await store.append(id, "y")).toBe(4);
  }),
];
