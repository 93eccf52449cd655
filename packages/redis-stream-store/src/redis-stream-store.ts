import type { RedisClient } from "@streambed/redis-driver";
import { BackedStreamStore } from "./backed-stream-store.ts";
import type { BackedStreamStoreOptions } from "./backed-stream-store.ts";
import { streamKeys } from "./keys.ts";
import type { StreamKeys } from "./keys.ts";
import { LIST_LAYOUT } from "./list-layout.ts";
import { PlainBackend } from "./plain-backend.ts";
import { ScriptBackend } from "./script-backend.ts";

export interface RedisStreamStoreOptions extends Omit<BackedStreamStoreOptions, "ttlSec"> {
  /** What every key begins with. @default "aibind:stream" */
  prefix?: string | undefined;
  /** How long a stream is kept after its end, in seconds. @default 300 */
  ttlSec?: number | undefined;
  /** Puts all keys of a stream on one node of a cluster: `<prefix>:{<id>}:…`. @default true for a cluster client */
  hashTag?: boolean | undefined;
}

/**
 * Streams in the user's own Redis, over the client and the connection that they already have, which
 * this never opens, duplicates, configures or closes.
 *
 * With a client that runs scripts each operation is one atomic script. With any other object that has
 * the eight plain methods everything works too, but for the limits that the README names.
 */
export class RedisStreamStore extends BackedStreamStore {
  /** @throws StreamError `UNSUPPORTED` for a client of no known kind, `INVALID_OPTION` */
  constructor(redis: RedisClient, options: RedisStreamStoreOptions = {}) {
    const { prefix = "aibind:stream", ttlSec = 300 } = options;
    super(redis, { ...options, ttlSec }, ({ driver, ...parts }) => {
      const isCluster = "run" in driver && driver.isCluster;
      const { hashTag = isCluster } = options;
      const keysOf = (id: string): StreamKeys => streamKeys(prefix, id, hashTag);
      if (!("run" in driver)) {
        return new PlainBackend({ ...parts, keysOf, commands: driver.commands });
      }
      const { run } = driver;
      return new ScriptBackend({
        ...parts,
        keysOf,
        run,
        layout: LIST_LAYOUT,
        sharesScripts: !hashTag,
      });
    });
  }
}
