import { abortCases } from "./cases/abort.ts";
import { appendCases } from "./cases/append.ts";
import { createCases } from "./cases/create.ts";
import { endCases } from "./cases/end.ts";
import { expiryCases } from "./cases/expiry.ts";
import { followCases } from "./cases/follow.ts";
import { grammarCases } from "./cases/grammar.ts";
import { leaseCases } from "./cases/lease.ts";
import { leaveCases } from "./cases/leave.ts";
import { limitCases } from "./cases/limits.ts";
import { optionCases } from "./cases/options.ts";
import { raceCases } from "./cases/races.ts";
import { readCases } from "./cases/read.ts";
import { repeatCases } from "./cases/repeat.ts";
import { sequenceCases } from "./cases/sequences.ts";
import type { StreamStoreCase } from "./define-case.ts";

/** Every promise of the stream contract, as cases: at least one for each `INVARIANT` id. */
export const streamStoreCases: readonly StreamStoreCase[] = [
  // First those that wait the longest: cases that wait run side by side.
  ...expiryCases,
  ...leaseCases,
  ...createCases,
  ...grammarCases,
  ...optionCases,
  ...appendCases,
  ...repeatCases,
  ...limitCases,
  ...endCases,
  ...raceCases,
  ...readCases,
  ...followCases,
  ...abortCases,
  ...leaveCases,
  ...sequenceCases,
];
