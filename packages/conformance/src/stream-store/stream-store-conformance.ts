import { describe, it } from "vitest";
import type { StreamStore } from "@streambed/core/contracts";
import { CaseContext } from "./case-context.ts";
import type { StreamStoreCase } from "./define-case.ts";
import type { Deviation, StreamStoreHarness } from "./harness.ts";
import { streamStoreCases } from "./stream-store-cases.ts";

/** Holds a store to every promise of the stream contract. */
export function streamStoreConformance<S extends StreamStore>(
  name: string,
  harness: StreamStoreHarness<S>,
): void {
  const broken = (harness.deviations ?? []).map((deviation) => ({
    deviation,
    cases: streamStoreCases.filter((one) => isMeant(deviation, one)),
  }));
  for (const { deviation, cases } of broken) {
    if (cases.length === 0) throw new Error(`a deviation names no case: ${labelOf(deviation)}`);
  }
  const known = new Set(broken.flatMap(({ cases }) => cases));
  const kept = streamStoreCases.filter((one) => !known.has(one));
  describe(name, () => {
    for (const one of kept.filter(({ waits }) => waits)) {
      it.concurrent(titleOf(one), { timeout: one.timeoutMs }, () =>
        runStreamStoreCase(one, harness),
      );
    }
    for (const one of kept.filter(({ waits }) => !waits)) {
      it(titleOf(one), { timeout: one.timeoutMs }, () => runStreamStoreCase(one, harness));
    }
    for (const { deviation, cases } of broken) {
      const timeout = cases.reduce((sum, one) => sum + one.timeoutMs, 0);
      // One test for all of them: a deviation need not show in every case of its invariant.
      it.fails(labelOf(deviation), { timeout }, async () => {
        for (const one of cases) await runStreamStoreCase(one, harness);
      });
    }
  });
}

/** Runs one case on stores of its own. Rejects if the promise is broken. */
export async function runStreamStoreCase<S extends StreamStore>(
  one: StreamStoreCase,
  harness: StreamStoreHarness<S>,
): Promise<void> {
  const context = new CaseContext(harness);
  try {
    await one.run(context);
  } finally {
    await context.close();
  }
}

function titleOf({ invariant, title }: StreamStoreCase): string {
  return `${invariant}: ${title}`;
}

function isMeant(deviation: Deviation, one: StreamStoreCase): boolean {
  const { invariant, case: title = one.title } = deviation;
  return invariant === one.invariant && title === one.title;
}

function labelOf({ invariant, case: title, reason }: Deviation): string {
  return `${invariant}: ${title === undefined ? "" : `${title}: `}deviates: ${reason}`;
}
