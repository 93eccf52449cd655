import { deleteCases } from "./cases/delete.ts";
import { expiryCases } from "./cases/expiry.ts";
import { foreignCases } from "./cases/foreign.ts";
import { grammarCases } from "./cases/grammar.ts";
import { limitCases } from "./cases/limit.ts";
import { loadCases } from "./cases/load.ts";
import { saveCases } from "./cases/save.ts";
import { sequenceCases } from "./cases/sequences.ts";
import { updateCases } from "./cases/update.ts";
import { verbatimCases } from "./cases/verbatim.ts";
import type { ConversationStoreCase } from "./conversation-context.ts";

/** Every promise of the contract of conversations, as cases: at least one for each `INVARIANT` id. */
export const conversationStoreCases: readonly ConversationStoreCase[] = [
  ...expiryCases,
  ...loadCases,
  ...verbatimCases,
  ...foreignCases,
  ...grammarCases,
  ...limitCases,
  ...saveCases,
  ...updateCases,
  ...deleteCases,
  ...sequenceCases,
];
