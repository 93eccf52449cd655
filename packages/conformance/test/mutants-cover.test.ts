import { expect, it } from "vitest";
import {
  activeStreamsCases,
  conversationStoreCases,
  stateAdapterCases,
  streamStoreCases,
} from "../src/index.ts";
import { keepingMutants } from "./mutants/active-keeping.ts";
import { settingMutants } from "./mutants/active-setting.ts";
import { appendingMutants } from "./mutants/appending.ts";
import { loadingMutants } from "./mutants/conversation-loading.ts";
import { savingMutants } from "./mutants/conversation-saving.ts";
import { updatingMutants } from "./mutants/conversation-updating.ts";
import { creatingMutants } from "./mutants/creating.ts";
import { endingMutants } from "./mutants/ending.ts";
import { lastingMutants } from "./mutants/lasting.ts";
import { readingMutants } from "./mutants/reading.ts";
import { repeatingMutants } from "./mutants/repeating.ts";
import { connectingMutants } from "./mutants/state-connecting.ts";
import { keepingMutants as stateKeepingMutants } from "./mutants/state-keeping.ts";
import { liningMutants } from "./mutants/state-lining.ts";
import { lockingMutants } from "./mutants/state-locking.ts";

const streamMutants = [
  ...creatingMutants,
  ...appendingMutants,
  ...repeatingMutants,
  ...endingMutants,
  ...lastingMutants,
  ...readingMutants,
];

const activeMutants = [...settingMutants, ...keepingMutants];

const conversationMutants = [...loadingMutants, ...savingMutants, ...updatingMutants];

const stateMutants = [
  ...lockingMutants,
  ...stateKeepingMutants,
  ...liningMutants,
  ...connectingMutants,
];

it.each([
  ["stream store", streamMutants, streamStoreCases],
  ["active streams", activeMutants, activeStreamsCases],
  ["conversations", conversationMutants, conversationStoreCases],
  ["state adapters", stateMutants, stateAdapterCases],
])("has a mutant for every invariant: %s", (_, mutants, cases) => {
  const broken = new Set(mutants.map(({ breaks }) => breaks));
  const tested = new Set(cases.map(({ invariant }) => invariant));
  expect(broken).toEqual(tested);
});
