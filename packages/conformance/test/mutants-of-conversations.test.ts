import { conversationStoreCases, runConversationStoreCase } from "../src/index.ts";
import { loadingMutants } from "./mutants/conversation-loading.ts";
import { savingMutants } from "./mutants/conversation-saving.ts";
import { updatingMutants } from "./mutants/conversation-updating.ts";
import { testMutants } from "./run-mutants.ts";

const suite = { cases: conversationStoreCases, run: runConversationStoreCase };

testMutants("mutants of conversations", suite, [
  ...loadingMutants,
  ...savingMutants,
  ...updatingMutants,
]);
