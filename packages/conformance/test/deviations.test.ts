import { describe, expect, it } from "vitest";
import { streamStoreConformance } from "../src/index.ts";
import { readingMutants } from "./mutants/reading.ts";

const mutant = readingMutants.find(({ how }) => how === "takes it for expired");
if (!mutant) throw new Error("the mutant is gone");

// The suite is green where what is broken is declared, and where nothing else is.
streamStoreConformance("a store with a declared deviation", {
  ...mutant.harness,
  deviations: [{ invariant: mutant.breaks, reason: `it ${mutant.how}` }],
});

describe("a deviation that names no case", () => {
  for (const wrong of [
    { invariant: "read-losst", reason: "a slip" },
    { invariant: "read-lost", case: "no such title", reason: "a slip" },
  ]) {
    it(`is an error: ${JSON.stringify(wrong)}`, () => {
      const harness = { ...mutant.harness, deviations: [wrong] };
      expect(() => streamStoreConformance("never collected", harness)).toThrow(wrong.invariant);
    });
  }
});
