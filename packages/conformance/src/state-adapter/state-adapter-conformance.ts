import type { StateAdapter } from "chat";
import { describeCases } from "../suite/describe-cases.ts";
import { foreignCases } from "./cases/foreign.ts";
import type { StateAdapterHarness } from "./harness.ts";
import { stateAdapterCases } from "./state-adapter-cases.ts";
import { StateContext } from "./state-context.ts";
import type { StateAdapterCase } from "./state-context.ts";

/** Holds a `StateAdapter` of the Chat SDK to what the SDK relies on. */
export function stateAdapterConformance<S extends StateAdapter>(
  name: string,
  harness: StateAdapterHarness<S>,
): void {
  if (!harness.plant !== !harness.unread) throw new Error("plant and unread go together");
  const cases = harness.plant
    ? stateAdapterCases
    : stateAdapterCases.filter((one) => !foreignCases.includes(one));
  describeCases(name, cases, harness, (one) => runStateAdapterCase(one, harness));
}

/** Runs one case on adapters of its own. Rejects if the promise is broken. */
export async function runStateAdapterCase<S extends StateAdapter>(
  one: StateAdapterCase,
  harness: StateAdapterHarness<S>,
): Promise<void> {
  const context = new StateContext(harness);
  try {
    await one.run(context);
  } finally {
    await context.close();
  }
}
