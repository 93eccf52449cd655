/** One promise of a contract, as something that can fail. */
export interface ContractCase<Context> {
  /** Id of the `INVARIANT` line in the contract. */
  invariant: string;
  title: string;
  /** Longer than this is a failure. */
  timeoutMs: number;
  /** Spends its time waiting for leases and expiries: runs beside the others that do. */
  waits: boolean;
  run(context: Context): Promise<void>;
}

/** Generous: cases may run side by side, and it tells "never" from "late". */
const TIMEOUT_MS = 20_000;

/** A case that is over as soon as the store has answered. */
export function defineCase<Context>(
  invariant: string,
  title: string,
  run: (context: Context) => Promise<void>,
): ContractCase<Context> {
  return { invariant, title, timeoutMs: TIMEOUT_MS, waits: false, run };
}

/** A case for which real time has to pass. */
export function defineWaitingCase<Context>(
  invariant: string,
  title: string,
  run: (context: Context) => Promise<void>,
): ContractCase<Context> {
  return { invariant, title, timeoutMs: TIMEOUT_MS, waits: true, run };
}
