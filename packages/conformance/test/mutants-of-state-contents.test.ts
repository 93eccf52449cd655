import { runStateAdapterCase, stateAdapterCases } from "../src/index.ts";
import { keepingMutants } from "./mutants/state-keeping.ts";
import { liningMutants } from "./mutants/state-lining.ts";
import { testMutants } from "./run-mutants.ts";

const suite = { cases: stateAdapterCases, run: runStateAdapterCase };

testMutants("mutants of state adapters", suite, [...keepingMutants, ...liningMutants]);
