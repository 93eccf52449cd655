import {
  appendManyScript,
  appendScript,
  createScript,
  deleteScript,
  endScript,
  readScript,
} from "./scripts.generated.ts";
import type { StreamLayout } from "./stream-layout.ts";

/** A list of chunks as they are, with a status beside it. */
export const LIST_LAYOUT: StreamLayout = {
  scripts: {
    create: createScript,
    append: appendScript,
    appendMany: appendManyScript,
    end: endScript,
    read: readScript,
    delete: deleteScript,
  },
  readArgs: [],
  endArgs: (end) => (typeof end === "string" ? [end, ""] : ["error", end.error]),
  stored: (chunks) => chunks,
  storedEnd: () => [],
  chunkOf: (stored) => stored,
};
