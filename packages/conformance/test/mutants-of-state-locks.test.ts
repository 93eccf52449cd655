import { runStateAdapterCase, stateAdapterCases } from "../src/index.ts";
import { connectingMutants } from "./mutants/state-connecting.ts";
import { lockingMutants } from "./mutants/state-locking.ts";
import { testMutants } from "./run-mutants.ts";

const suite = { cases: stateAdapterCases, run: runStateAdapterCase };

testMutants("mutants of state adapters", suite, [...lockingMutants, ...connectingMutants]);
