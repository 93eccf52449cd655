import { describe, it, vi } from "vitest";
import type { SuiteCollector } from "vitest";
import type { ContractCase } from "./contract-case.ts";
import type { Deviation, StoreTraits } from "./store-harness.ts";

/** How many cases run side by side, where they do. */
const AT_ONCE = 12;

/** The cases as tests of vitest; those that are declared to fail have to. */
export function describeCases<Context>(
  name: string,
  cases: readonly ContractCase<Context>[],
  { deviations = [], patience = 1, sideBySide = false }: StoreTraits,
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
  const define = (one: ContractCase<Context>, isConcurrent: boolean): void => {
    const test = isConcurrent ? it.concurrent : it;
    test(titleOf(one), { timeout: one.timeoutMs * patience }, () => run(one));
  };
  vi.setConfig({ maxConcurrency: AT_ONCE });
  // Cases that compute would keep those from looking at the clock that wait: first one kind, then the other.
  const quick = describe(name, () => {
    for (const one of kept.filter(({ waits }) => !waits)) define(one, sideBySide);
    for (const { deviation, cases: meant } of broken) {
      const timeout = meant.reduce((sum, one) => sum + one.timeoutMs * patience, 0);
      // One test for all of them: a deviation need not show in every case of its invariant.
      it.fails(labelOf(deviation), { timeout }, async () => {
        for (const one of meant) await run(one);
      });
    }
  });
  besideOthers(quick, () => {
    describe.concurrent(name, () => {
      for (const one of kept.filter(({ waits }) => waits)) define(one, true);
    });
  });
}

/** What defines the cases that wait, by the file or the `describe` that the suites are in. */
const waiting: WeakMap<object, (() => void)[]> = new WeakMap();

/** Calls `define` in a block that all suites share which stand where `quick` does. */
function besideOthers({ suite }: SuiteCollector, define: () => void): void {
  // Before vitest 5 a suite does not know its file yet: then the block is its own.
  const place = suite?.suite ?? suite?.file ?? {};
  const defines = waiting.get(place) ?? [];
  if (defines.push(define) > 1) return;
  waiting.set(place, defines);
  // vitest comes here once it has seen everything that stands in the same place.
  describe("cases that wait", () => {
    waiting.delete(place);
    for (const each of defines) each();
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
