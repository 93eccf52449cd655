import type { StateAdapterHarness } from "../../src/index.ts";
import type { Mutant } from "./mutant.ts";
import { StateStorage } from "./state-model.ts";
import type { ModelStateAdapter } from "./state-model.ts";

/** An adapter that keeps every promise but one. */
export type StateMutant = Mutant<StateAdapterHarness<ModelStateAdapter>>;

type AdapterClass = new (storage: StateStorage) => ModelStateAdapter;

export function modelHarness(Adapter: AdapterClass): StateAdapterHarness<ModelStateAdapter> {
  return {
    create: () => new Adapter(new StateStorage()),
    createPeer: ({ storage }) => new Adapter(storage),
    plant: ({ storage }, place, id, text) => storage.plant(place, id, text),
    unread: ({ storage }, id) => [
      ...(storage.queues.get(id) ?? []),
      ...(storage.unread.get(id) ?? []),
    ],
  };
}

export function stateMutant(breaks: string, how: string, Adapter: AdapterClass): StateMutant {
  return { breaks, how, harness: modelHarness(Adapter) };
}
