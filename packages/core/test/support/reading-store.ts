import type { StreamStatus, StreamStore } from "../../src/contracts/stream-store.ts";
import { followStream } from "../../src/store-kit/follow-stream.ts";
import { page } from "./scripted-stream.ts";

/** What one reading gives: chunks, then an end, an error, or nothing more for ever. */
export type Reading = (string | Error | StreamStatus)[];

/** A store that can only be read, by a script of readings: a chunk each, then its last item. */
export function readingStore(readings: Reading[]) {
  const cursors: number[] = [];
  const counts = { open: 0, closed: 0, reads: 0 };
  const readFrom: StreamStore["readFrom"] = (_, afterSeq, options) => {
    const script = [...(readings.shift() ?? ["wait"])];
    cursors.push(afterSeq);
    counts.open++;
    return followStream(
      {
        read: async (cursor) => {
          counts.reads++;
          const item = script.shift();
          if (item instanceof Error) throw item;
          if (item === undefined || item === "wait") return page([], cursor);
          if (typeof item === "string") return page([item], cursor + 1);
          return { epoch: "e1", status: { ...item, totalChunks: cursor }, chunks: [] };
        },
        changed: (_, signal) =>
          new Promise((resolve) => signal.addEventListener("abort", () => resolve())),
        close: () => void counts.closed++,
      },
      afterSeq,
      options,
    );
  };
  const store = { readFrom } as unknown as StreamStore;
  return { store, cursors, counts };
}
