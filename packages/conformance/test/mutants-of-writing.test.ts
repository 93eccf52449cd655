import { appendingMutants } from "./mutants/appending.ts";
import { creatingMutants } from "./mutants/creating.ts";
import { repeatingMutants } from "./mutants/repeating.ts";
import { testMutants } from "./run-mutants.ts";

testMutants("mutants of create and append", [
  ...creatingMutants,
  ...appendingMutants,
  ...repeatingMutants,
]);
