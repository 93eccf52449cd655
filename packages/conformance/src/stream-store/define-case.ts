import type { ContractCase } from "../suite/contract-case.ts";
import type { CaseContext } from "./case-context.ts";

export { defineCase, defineWaitingCase } from "../suite/contract-case.ts";

/** One promise of the stream contract. */
export type StreamStoreCase = ContractCase<CaseContext>;
