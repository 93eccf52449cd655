import type { StreamEnd } from "@streambed/core/contracts";
import type { RedisScript } from "@streambed/redis-driver";
import type { StreamLayout } from "@streambed/redis-stream-store/kit";
import { fromEntry, toEntry } from "./entry-codec.ts";
import { toRunEnd } from "./run-end.ts";
import {
  appendManyScript,
  appendScript,
  createScript,
  deleteScript,
  endScript,
  readEntriesScript,
  readScript,
} from "./scripts.generated.ts";

/** What the chunks of a log are. */
export interface RunView {
  read: RedisScript;
  toEntry: (chunk: string) => string;
  fromEntry: (data: string) => string;
}

/** The chunks of an answer, each in an entry as an event; how it ended is in the status. */
export const CHUNKS: RunView = { read: readScript, toEntry, fromEntry };

/** All entries as they are, those that say how the run ended too. */
export const ENTRIES: RunView = {
  read: readEntriesScript,
  toEntry: (data) => data,
  fromEntry: (data) => data,
};

export interface RunLayoutOptions {
  view: RunView;
  idleTimeoutMs: number;
  /** Entries that one look brings, at most. */
  batchSize: number;
}

/** Entries of a Redis Stream, with a status beside it. */
export function runLayout({ view, idleTimeoutMs, batchSize }: RunLayoutOptions): StreamLayout {
  return {
    scripts: {
      create: createScript,
      append: appendScript,
      appendMany: appendManyScript,
      end: endScript,
      read: view.read,
      delete: deleteScript,
    },
    readArgs: [String(idleTimeoutMs), String(batchSize)],
    endArgs(end) {
      const { state, error } = toRunEnd(end);
      return [state, error];
    },
    stored(chunks, end: StreamEnd | undefined) {
      const { entries, markers } = end === undefined ? { entries: [], markers: 0 } : toRunEnd(end);
      return [String(markers), ...chunks.map(view.toEntry), ...entries];
    },
    storedEnd: (end) => [...toRunEnd(end).entries],
    chunkOf: view.fromEntry,
  };
}
