import { activeStreamsCases, runActiveStreamsCase } from "../src/index.ts";
import { keepingMutants } from "./mutants/active-keeping.ts";
import { settingMutants } from "./mutants/active-setting.ts";
import { testMutants } from "./run-mutants.ts";

const suite = { cases: activeStreamsCases, run: runActiveStreamsCase };

testMutants("mutants of active streams", suite, [...settingMutants, ...keepingMutants]);
