import { runStreamStoreCase, streamStoreCases } from "../src/index.ts";
import { endingMutants } from "./mutants/ending.ts";
import { lastingMutants } from "./mutants/lasting.ts";
import { readingMutants } from "./mutants/reading.ts";
import { testMutants } from "./run-mutants.ts";

const suite = { cases: streamStoreCases, run: runStreamStoreCase };

testMutants("mutants of reading and ending", suite, [
  ...readingMutants,
  ...endingMutants,
  ...lastingMutants,
]);
