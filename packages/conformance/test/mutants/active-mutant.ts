// By path, as in mutant.ts.
import { MemoryActiveStreams } from "../../../memory/src/index.ts";
import type { MemoryActiveStreamsOptions } from "../../../memory/src/index.ts";
import type { ActiveStreamsHarness } from "../../src/index.ts";
import type { Mutant } from "./mutant.ts";

/** Pointers that keep every promise but one. */
export type ActiveMutant = Mutant<ActiveStreamsHarness<BreakablePointers>>;

/** Right pointers, to be broken. */
export class BreakablePointers extends MemoryActiveStreams {
  /** What "another process" gets. */
  createPeer(): BreakablePointers {
    return this;
  }

  /** What stands, without looking at the clock. */
  protected standing(chat: string): string | undefined {
    return this.pointers.get(chat)?.streamId;
  }
}

export function activeMutant(
  breaks: string,
  how: string,
  Pointers: new (options?: MemoryActiveStreamsOptions) => BreakablePointers,
): ActiveMutant {
  return {
    breaks,
    how,
    harness: {
      create: (options) => new Pointers(options),
      createPeer: (pointers) => pointers.createPeer(),
    },
  };
}
