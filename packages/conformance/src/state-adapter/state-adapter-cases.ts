import { cacheCases } from "./cases/cache.ts";
import { foreignCases } from "./cases/foreign.ts";
import { hostileCases } from "./cases/hostile.ts";
import { lifecycleCases } from "./cases/lifecycle.ts";
import { listCases } from "./cases/lists.ts";
import { lockTimeCases } from "./cases/lock-times.ts";
import { lockCases } from "./cases/locks.ts";
import { queueCases } from "./cases/queues.ts";
import { raceCases } from "./cases/races.ts";
import { subscriptionCases } from "./cases/subscriptions.ts";
import { timeCases } from "./cases/times.ts";
import type { StateAdapterCase } from "./state-context.ts";

/** Every promise of a state adapter, as cases: at least one for each `INVARIANT` id. */
export const stateAdapterCases: readonly StateAdapterCase[] = [
  ...lockTimeCases,
  ...timeCases,
  ...lockCases,
  ...cacheCases,
  ...listCases,
  ...queueCases,
  ...subscriptionCases,
  ...lifecycleCases,
  ...hostileCases,
  ...foreignCases,
  ...raceCases,
];
