import { runStreamStoreCase, streamStoreCases, streamStoreConformance } from "../src/index.ts";
import { inSeconds } from "./mutants/in-seconds.ts";
import { lastingMutants } from "./mutants/lasting.ts";
import { Breakable, mutant } from "./mutants/mutant.ts";
import { testMutants } from "./run-mutants.ts";

const suite = { cases: streamStoreCases, run: runStreamStoreCase };

// Leases in seconds break no promise, and hide no broken one.
const { harness } = inSeconds(mutant("nothing", "is right", Breakable));
streamStoreConformance("a store that counts leases in seconds", harness);

const ofLeases = lastingMutants.filter(({ breaks }) => breaks.startsWith("lease-"));
testMutants("mutants of leases, in seconds", suite, ofLeases.map(inSeconds));
