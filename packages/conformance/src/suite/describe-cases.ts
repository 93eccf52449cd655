import { describe, it } from "vitest";
import type { ContractCase } from "./contract-case.ts";
import type { Deviation } from "./store-harness.ts";

/** The cases as tests of vitest; those that are declared to fail have to. */
export function describeCases<Context>(
  name: string,
  cases: readonly ContractCase<Context>[],
  deviations: readonly Deviation[],
  run: (one: ContractCase<Context>) => Promise<void>,
): void {
  const broken = deviations.map((deviation) => ({
    deviation,
    cases: cases.filter((one) => isMeant(deviation, one)),
  }));
  for (const { deviation, cases: meant } of broken) {
    if (meant.length === 0) throw new Error(`a deviation names no case: ${labelOf(deviation)}`);
  }
  const known = new Set(broken.flatMap(({ cases: meant }) => meant));
  const kept = cases.filter((one) => !known.has(one));
  describe(name, () => {
    for (const one of kept.filter(({ waits }) => waits)) {
      it.concurrent(titleOf(one), { timeout: one.timeoutMs }, () => run(one));
    }
    for (const one of kept.filter(({ waits }) => !waits)) {
      it(titleOf(one), { timeout: one.timeoutMs }, () => run(one));
    }
    for (const { deviation, cases: meant } of broken) {
      const timeout = meant.reduce((sum, one) => sum + one.timeoutMs, 0);
      // One test for all of them: a deviation need not show in every case of its invariant.
      it.fails(labelOf(deviation), { timeout }, async () => {
        for (const one of meant) await run(one);
      });
    }
  });
}

function titleOf<Context>({ invariant, title }: ContractCase<Context>): string {
  return `${invariant}: ${title}`;
}

function isMeant<Context>(deviation: Deviation, one: ContractCase<Context>): boolean {
  const { invariant, case: title = one.title } = deviation;
  return invariant === one.invariant && title === one.title;
}

function labelOf({ invariant, case: title, reason }: Deviation): string {
  return `${invariant}: ${title === undefined ? "" : `${title}: `}deviates: ${reason}`;
}
