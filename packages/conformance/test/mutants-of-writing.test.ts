import { runStreamStoreCase, streamStoreCases } from "../src/index.ts";
import { appendingMutants } from "./mutants/appending.ts";
import { creatingMutants } from "./mutants/creating.ts";
import { repeatingMutants } from "./mutants/repeating.ts";
import { testMutants } from "./run-mutants.ts";

const suite = { cases: streamStoreCases, run: runStreamStoreCase };

testMutants("mutants of create and append", suite, [
  ...creatingMutants,
  ...appendingMutants,
  ...repeatingMutants,
]);
