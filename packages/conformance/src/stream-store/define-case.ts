import type { CaseContext } from "./case-context.ts";

/** One promise of the contract, as something that can fail. */
export interface StreamStoreCase {
  /** Id of the `INVARIANT` line in the contract. */
  invariant: string;
  title: string;
  /** Longer than this is a failure. */
  timeoutMs: number;
  /** Spends its time waiting for leases and expiries: runs beside the others that do. */
  waits: boolean;
  run(context: CaseContext): Promise<void>;
}

type Run = StreamStoreCase["run"];

/** A case that is over as soon as the store has answered. */
export function defineCase(invariant: string, title: string, run: Run): StreamStoreCase {
  return { invariant, title, timeoutMs: 10_000, waits: false, run };
}

/** A case for which real time has to pass. */
export function defineWaitingCase(invariant: string, title: string, run: Run): StreamStoreCase {
  return { invariant, title, timeoutMs: 15_000, waits: true, run };
}
