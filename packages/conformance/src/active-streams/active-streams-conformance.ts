import type { ActiveStreams } from "@streambed/core/contracts";
import { describeCases } from "../suite/describe-cases.ts";
import { ActiveContext } from "./active-context.ts";
import type { ActiveStreamsCase } from "./active-context.ts";
import { activeStreamsCases } from "./active-streams-cases.ts";
import type { ActiveStreamsHarness } from "./harness.ts";

/** Holds an implementation of `ActiveStreams` to every promise of its contract. */
export function activeStreamsConformance<A extends ActiveStreams>(
  name: string,
  harness: ActiveStreamsHarness<A>,
): void {
  describeCases(name, activeStreamsCases, harness, (one) => runActiveStreamsCase(one, harness));
}

/** Runs one case on stores of its own. Rejects if the promise is broken. */
export async function runActiveStreamsCase<A extends ActiveStreams>(
  one: ActiveStreamsCase,
  harness: ActiveStreamsHarness<A>,
): Promise<void> {
  const context = new ActiveContext(harness);
  try {
    await one.run(context);
  } finally {
    await context.close();
  }
}
