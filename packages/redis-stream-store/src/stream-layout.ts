import type { StreamEnd } from "@streambed/core/contracts";
import type { RedisScript } from "@streambed/redis-driver";

/** How one kind of stream lies in Redis: its scripts, and what they are told beyond what all have in common. */
export interface StreamLayout {
  scripts: {
    create: RedisScript;
    append: RedisScript;
    /** The same for several streams at once. */
    appendMany: RedisScript;
    end: RedisScript;
    read: RedisScript;
    delete: RedisScript;
  };
  /** Told to the read script before the streams. */
  readArgs: string[];
  /** State and error text of an end. */
  endArgs: (end: StreamEnd | "stopped") => [state: string, message: string];
  /** Chunks, and what an end writes behind them, as the append script takes them. */
  stored: (chunks: readonly string[], end: StreamEnd | undefined) => readonly string[];
  /** What an end writes, for the end script. */
  storedEnd: (end: StreamEnd | "stopped") => string[];
  /** The chunk that was stored as `stored`. */
  chunkOf: (stored: string) => string;
}
