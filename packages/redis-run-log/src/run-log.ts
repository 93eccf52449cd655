import { StreamError } from "@streambed/core/contracts";
import type { StreamLimits } from "@streambed/core/contracts";
import { assertPositiveInteger, assertStreamId } from "@streambed/core/store-kit";
import type { RedisClient } from "@streambed/redis-driver";
import { BackedStreamStore, ScriptBackend } from "@streambed/redis-stream-store/kit";
import type { BackedStreamStoreOptions } from "@streambed/redis-stream-store/kit";
import { assertPrefix, runKeys } from "./keys.ts";
import { runLayout } from "./run-layout.ts";
import type { RunView } from "./run-layout.ts";
import { openScript, releaseScript } from "./scripts.generated.ts";

/** How to reach run logs: what the writer, the readers and the store have in common. */
export interface RunLogOptions extends Omit<
  BackedStreamStoreOptions,
  "ttlSec" | keyof StreamLimits
> {
  /** What every key begins with: `<prefix>:<runId>`. @default "sse:run" */
  prefix?: string | undefined;
  /** How long a log is kept after it was last written to, in seconds. @default 10_800 */
  ttlSec?: number | undefined;
  /**
   * After how long a silence, in milliseconds, a run counts as abandoned whose writer keeps no lease, as
   * Letta's Python server does not. @default 300_000
   */
  idleTimeoutMs?: number | undefined;
}

/** What only some users of a log choose. */
export interface RunLogTraits extends RunLogOptions, StreamLimits {
  view: RunView;
  /** Entries that one look brings, at most. @default 2_000 */
  batchSize?: number | undefined;
}

export interface OpenOptions {
  writer: string;
  leaseMs: number;
  /** After how long a silence of a writer, in milliseconds, another goes on with its log. @default never */
  handoverMs?: number | undefined;
  /** About how many entries the log keeps. */
  maxLength: number;
}

/** Run logs in Redis, seen as streams. */
export class RunLog extends BackedStreamStore {
  readonly #backend: ScriptBackend;
  readonly #ttlSec: number;

  /** @throws StreamError `UNSUPPORTED` for a client that runs no scripts, `INVALID_OPTION` */
  constructor(redis: RedisClient, traits: RunLogTraits) {
    const { prefix = "sse:run", ttlSec = 10_800, idleTimeoutMs = 300_000 } = traits;
    const { view, batchSize = 2_000 } = traits;
    assertPrefix(prefix);
    for (const [name, value] of Object.entries({ idleTimeoutMs, batchSize })) {
      assertPositiveInteger(name, value);
    }
    let backend: ScriptBackend | undefined;
    super(redis, { ...traits, ttlSec }, ({ driver, ...parts }) => {
      if (!("run" in driver)) throw new StreamError("UNSUPPORTED", NO_SCRIPTS);
      const layout = runLayout({ view, idleTimeoutMs, batchSize });
      const keysOf = (runId: string) => runKeys(prefix, runId);
      const { run, isCluster } = driver;
      return (backend = new ScriptBackend({
        ...parts,
        run,
        keysOf,
        layout,
        sharesScripts: !isCluster,
      }));
    });
    this.#backend = backend!;
    this.#ttlSec = ttlSec;
  }

  /**
   * Starts a log, or with `handoverMs` goes on with one whose writer has left or been silent for that long.
   * Resolves to the seq of its last entry.
   *
   * @throws StreamError `ALREADY_EXISTS` while somebody else writes it, `NOT_ACTIVE`
   */
  async open(
    runId: string,
    { writer, leaseMs, handoverMs, maxLength }: OpenOptions,
  ): Promise<number> {
    assertStreamId(runId);
    const log = { epoch: crypto.randomUUID(), writer, leaseMs, ttlSec: this.#ttlSec };
    const takeover = handoverMs === undefined ? "" : String(handoverMs);
    const args = [...this.#backend.createArgs(runId, log), takeover, String(maxLength)];
    const [, seq] = await this.repeated(() => this.#backend.run(runId, openScript, args));
    return seq as number;
  }

  /** Lets another writer go on at once. */
  async release(runId: string, writer: string): Promise<void> {
    const args = [writer, String(this.#ttlSec)];
    await this.repeated(() => this.#backend.run(runId, releaseScript, args));
  }
}

const NO_SCRIPTS =
  "the run log needs a client that runs scripts: ioredis, redis (node-redis) or @upstash/redis";
