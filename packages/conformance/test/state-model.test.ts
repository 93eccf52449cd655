import { stateAdapterConformance } from "../src/index.ts";
import { modelHarness } from "./mutants/state-mutant.ts";
import { ModelStateAdapter } from "./mutants/state-model.ts";

// What the mutants are made of is right.
stateAdapterConformance("the model of a state adapter", modelHarness(ModelStateAdapter));
