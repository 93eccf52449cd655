import type { StreamStatus, StreamStore } from "../../src/contracts/stream-store.ts";
import { followStream } from "../../src/store-kit/follow-stream.ts";
import { page } from "./scripted-stream.ts";

/** What one reading gives: chunks, then an end, an error, or nothing more for ever. */
export type Reading = (string | Error | StreamStatus)[];

/**
 * A store that can only be read, by a script of readings: a chunk each, then its last item. Its readers
 * are its own, as far as the engine can see, unless they are to be `ofTheKit`.
 */
export function readingStore(readings: Reading[], { ofTheKit = false } = {}) {
  const cursors: number[] = [];
  const counts = { open: 0, closed: 0, reads: 0 };
  const readFrom: StreamStore["readFrom"] = (_, afterSeq, options) => {
    const script = [...(readings.shift() ?? ["wait"])];
    cursors.push(afterSeq);
    counts.open++;
    const reader = followStream(
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
    return ofTheKit ? reader : disguised(reader);
  };
  const store = { readFrom } as unknown as StreamStore;
  return { store, cursors, counts };
}

type Reader = ReturnType<StreamStore["readFrom"]>;

function disguised(reader: Reader): Reader {
  return {
    next: () => reader.next(),
    return: (value) => reader.return(value),
    throw: (error) => reader.throw(error),
    [Symbol.asyncIterator]() {
      return this;
    },
    [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
  };
}
