import type { StreamStore } from "@streambed/core/contracts";
import { describeCases } from "../suite/describe-cases.ts";
import { CaseContext } from "./case-context.ts";
import type { StreamStoreCase } from "./define-case.ts";
import type { StreamStoreHarness } from "./harness.ts";
import { streamStoreCases } from "./stream-store-cases.ts";

/** Holds a store to every promise of the stream contract. */
export function streamStoreConformance<S extends StreamStore>(
  name: string,
  harness: StreamStoreHarness<S>,
): void {
  describeCases(name, streamStoreCases, harness, (one) => runStreamStoreCase(one, harness));
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
