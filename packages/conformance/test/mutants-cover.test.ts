import { expect, it } from "vitest";
import { streamStoreCases } from "../src/index.ts";
import { appendingMutants } from "./mutants/appending.ts";
import { creatingMutants } from "./mutants/creating.ts";
import { endingMutants } from "./mutants/ending.ts";
import { lastingMutants } from "./mutants/lasting.ts";
import { readingMutants } from "./mutants/reading.ts";
import { repeatingMutants } from "./mutants/repeating.ts";

it("has a mutant for every invariant", () => {
  const mutants = [
    ...creatingMutants,
    ...appendingMutants,
    ...repeatingMutants,
    ...endingMutants,
    ...lastingMutants,
    ...readingMutants,
  ];
  const broken = new Set(mutants.map(({ breaks }) => breaks));
  const tested = new Set(streamStoreCases.map(({ invariant }) => invariant));
  expect(broken).toEqual(tested);
});
