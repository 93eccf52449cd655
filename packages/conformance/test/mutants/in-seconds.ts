import type { CreateOptions } from "@streambed/core/contracts";
import type { Mutant } from "./mutant.ts";

/** The same in a store that counts leases in seconds. */
export function inSeconds(one: Mutant): Mutant {
  return {
    ...one,
    harness: {
      ...one.harness,
      leaseStepMs: 1000,
      async create(storeOptions) {
        const store = await one.harness.create(storeOptions);
        const create = store.create.bind(store);
        return Object.assign(store, {
          create: (id: string, options?: CreateOptions) => create(id, rounded(options)),
        });
      },
    },
  };
}

function rounded(options: CreateOptions = {}): CreateOptions {
  const { leaseMs } = options;
  // What is no lease is for the store to refuse.
  if (leaseMs === undefined || !Number.isInteger(leaseMs)) return options;
  return { ...options, leaseMs: Math.ceil(leaseMs / 1000) * 1000 };
}
