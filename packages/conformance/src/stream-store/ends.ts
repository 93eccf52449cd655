import type { StreamStatus, StreamStore } from "@streambed/core/contracts";

/** One way to end a stream. */
export interface End {
  name: string;
  run(store: StreamStore, id: string): Promise<unknown>;
  /** The status that it leaves, but for the count. */
  leaves: Omit<StreamStatus, "totalChunks">;
}

/** The ends that anyone may send, whatever the state. */
export const ENDS: readonly End[] = [
  { name: "stop", run: (store, id) => store.stop(id), leaves: { state: "stopped" } },
  { name: "complete", run: (store, id) => store.complete(id), leaves: { state: "done" } },
  {
    name: "fail",
    run: (store, id) => store.fail(id, "it broke"),
    leaves: { state: "error", error: "it broke" },
  },
];

/** The ends that a producer sends with its last batch, here an empty one. */
export const APPENDED_ENDS: readonly End[] = [
  {
    name: 'append with end "done"',
    run: (store, id) => store.append(id, [], { end: "done" }),
    leaves: { state: "done" },
  },
  {
    name: "append with end error",
    run: (store, id) => store.append(id, [], { end: { error: "cut short" } }),
    leaves: { state: "error", error: "cut short" },
  },
];
