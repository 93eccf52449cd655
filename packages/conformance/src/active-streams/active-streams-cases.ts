import type { ActiveStreamsCase } from "./active-context.ts";
import { clearCases } from "./cases/clear.ts";
import { expiryCases } from "./cases/expiry.ts";
import { getCases } from "./cases/get.ts";
import { grammarCases } from "./cases/grammar.ts";
import { sequenceCases } from "./cases/sequences.ts";
import { setCases } from "./cases/set.ts";

/** Every promise of the contract of active streams, as cases: at least one for each `INVARIANT` id. */
export const activeStreamsCases: readonly ActiveStreamsCase[] = [
  ...expiryCases,
  ...getCases,
  ...grammarCases,
  ...setCases,
  ...clearCases,
  ...sequenceCases,
];
