import { expect } from "vitest";
import { codeOf, expectRefused, outcomeOf, pause, soon } from "../asserting.ts";
import { defineCase } from "../define-case.ts";
import type { StreamStoreCase } from "../define-case.ts";
import { BAD_ENDS, BAD_NUMBERS, BAD_TOKENS, shown } from "../hostile.ts";

export const optionCases: readonly StreamStoreCase[] = [
  defineCase(
    "option-range",
    "a bad option of create is refused, and nothing comes into being",
    async (context) => {
      const { store } = await context.stores();
      const bad: Record<string, unknown>[] = [
        ...BAD_TOKENS.map((writer) => ({ writer })),
        ...BAD_NUMBERS.map((leaseMs) => ({ leaseMs })),
        ...BAD_NUMBERS.map((ttlSec) => ({ ttlSec })),
      ];
      for (const options of bad) {
        const id = context.id();
        const what = `create with ${shown(options)}`;
        await expectRefused("INVALID_OPTION", () => store.create(id, options), what);
        expect(await store.getStatus(id), what).toBeNull();
      }
    },
  ),

  defineCase(
    "option-range",
    "a bad option of append is refused, and nothing is stored",
    async (context) => {
      const { store, id } = await context.stream();
      const bad: Record<string, unknown>[] = [
        ...BAD_TOKENS.map((writer) => ({ writer })),
        ...BAD_TOKENS.map((op) => ({ op })),
        ...BAD_ENDS.map((end) => ({ end })),
      ];
      for (const options of bad) {
        const append = () => store.append(id, "x", options);
        await expectRefused("INVALID_OPTION", append, `append with ${shown(options)}`);
      }
      expect(await store.getStatus(id)).toEqual({ state: "active", totalChunks: 0 });
    },
  ),

  defineCase("option-range", "the ends of the ranges are inside", async (context) => {
    const { store } = await context.stores();
    const token = "!~".padEnd(128, "x");
    for (const options of [
      { writer: "!" },
      { writer: token },
      { leaseMs: 60_000, ttlSec: 1 },
      { leaseMs: 31_536_000_000, ttlSec: 31_536_000 },
      { writer: undefined, leaseMs: undefined, ttlSec: undefined },
    ]) {
      const id = context.id();
      await store.create(id, options);
      const { writer } = options;
      expect(await store.append(id, "x", { writer, op: token, end: undefined })).toBe(1);
      // Or it would be there for as long as it says.
      await store.delete(id);
    }
  }),

  defineCase("option-range", "a huge number is refused, or works", async (context) => {
    const { store, peer } = await context.stores();
    for (const huge of [2 ** 31, 2 ** 32, 1e12, 1e14, 1e15, Number.MAX_SAFE_INTEGER, 1e21]) {
      for (const options of [
        { ttlSec: huge },
        { leaseMs: huge },
        { ttlSec: huge, leaseMs: huge },
      ]) {
        const id = context.id();
        const outcome = await outcomeOf(() => store.create(id, options));
        if ("error" in outcome) {
          expect(codeOf(outcome.error), shown(options)).toBe("INVALID_OPTION");
          continue;
        }
        expect(await store.append(id, "x")).toBe(1);
        await peer.append(id, []);
        expect(await peer.getStatus(id), shown(options)).toEqual({
          state: "active",
          totalChunks: 1,
        });
        await peer.complete(id);
        expect(await store.getStatus(id), shown(options)).toEqual({
          state: "done",
          totalChunks: 1,
        });
        await store.delete(id);
      }
    }
  }),

  defineCase("option-range", "a lease of a year is more than a timer can hold", async (context) => {
    const warnings: string[] = [];
    const onWarning = ({ name }: Error): void => void warnings.push(name);
    process.on("warning", onWarning);
    const { store, peer, id } = await context.stream({
      leaseMs: 31_536_000_000,
      ttlSec: 31_536_000,
    });
    const next = [store, peer].map((one) => context.read(one, id, 0).next());
    await pause(50);
    await store.append(id, "x");
    for (const step of next)
      expect((await soon(step, "the chunk")).value).toMatchObject({ data: "x" });
    process.off("warning", onWarning);
    await store.delete(id);
    // A timer that cannot hold its time fires at once: the store would spin.
    expect(warnings).not.toContain("TimeoutOverflowWarning");
  }),
];
