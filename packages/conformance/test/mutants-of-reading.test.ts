import { endingMutants } from "./mutants/ending.ts";
import { lastingMutants } from "./mutants/lasting.ts";
import { readingMutants } from "./mutants/reading.ts";
import { testMutants } from "./run-mutants.ts";

testMutants("mutants of reading and ending", [
  ...readingMutants,
  ...endingMutants,
  ...lastingMutants,
]);
