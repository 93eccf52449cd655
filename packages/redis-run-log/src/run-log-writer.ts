import { StreamError } from "@streambed/core/contracts";
import { assertStreamId } from "@streambed/core/store-kit";
import type { RedisClient } from "@streambed/redis-driver";
import { entriesOf } from "./entries-of.ts";
import { DONE_ENTRY } from "./run-end.ts";
import { OpenRun } from "./open-run.ts";
import type { RunLog } from "./run-log.ts";
import { writerOptions } from "./writer-options.ts";
import type { RunLogWriterOptions } from "./writer-options.ts";

/** A run that is open, or on its way to be. */
interface Opening {
  run: Promise<OpenRun>;
  /** Calls that wait for it. */
  waiting: number;
}

/** How many calls may wait for one run: as many as chunks may wait in one that is open. */
const WAITING = 4_000;

/** How many runs that could not be written are remembered at least, so that nobody goes on with a gap in them. */
const FAILURES = 1_000;

/**
 * Writes SSE chunks of any number of runs, in batches. Seqs count on from what is stored, whoever wrote it;
 * a run has one writer at a time; and a flush whose reply was lost stores nothing twice.
 */
export class RunLogWriter {
  readonly #log: RunLog;
  readonly #options: ReturnType<typeof writerOptions>;
  readonly #runs: Map<string, Opening> = new Map();
  readonly #failures: Map<string, { error: unknown; at: number }> = new Map();
  #isStopped = false;
  /** Settles when all is left that was stopped. */
  #stopping: Promise<void> | undefined;

  /** @throws StreamError `UNSUPPORTED` for a client that runs no scripts, `INVALID_OPTION` */
  constructor(redis: RedisClient, options: RunLogWriterOptions = {}) {
    this.#options = writerOptions(options);
    this.#log = entriesOf(redis, this.#options.log);
  }

  /**
   * Takes a chunk, an event as it goes over the wire, and resolves to its seq. With `complete` it is the run's
   * last, and this resolves once it is stored. Other chunks are stored within the flush interval; if they
   * cannot be, the next call for the run rejects.
   *
   * @throws StreamError `LIMIT` while too much waits to be stored (nothing was taken: await the calls, or try again
   * later; who awaits them is made to wait for up to a second first), or for a chunk over `maxChunkBytes`;
   * `ALREADY_EXISTS` while another writer has the run; `NOT_ACTIVE` once it has ended; `FENCED` if another writer has
   * taken over; `NOT_FOUND` if it was deleted; `LOST` or `CONFLICT` if entries are gone; `INVALID_ID`,
   * `INVALID_CHUNK`, `UNAVAILABLE`. Where chunks were taken and could not be stored, all later calls for their run
   * are refused
   */
  async writeChunk(
    runId: string,
    data: string,
    { complete = false }: { complete?: boolean | undefined } = {},
  ): Promise<number> {
    assertStreamId(runId);
    this.#options.assertChunk(data);
    if (this.#isStopped) throw new StreamError("NOT_ACTIVE", "the writer is stopped");
    this.#assertNotFailed(runId);
    const opening = this.#opening(runId);
    let run: OpenRun;
    opening.waiting++;
    try {
      run = await opening.run;
    } finally {
      opening.waiting--;
    }
    if (!complete) return run.write(data);
    const seq = await run.complete(data);
    this.#runs.delete(runId);
    return seq;
  }

  /** Ends a run with `[DONE]`. @throws as {@link RunLogWriter.writeChunk} */
  async markComplete(runId: string): Promise<void> {
    await this.writeChunk(runId, DONE_ENTRY, { complete: true });
  }

  /** Makes a stopped writer usable again. A new one is. */
  start(): void {
    this.#isStopped = false;
  }

  /**
   * Stores what waits, and lets other writers go on with the runs that have not ended. Takes nothing more.
   *
   * @throws StreamError what a run's last chunks were refused with, after all others are stored
   */
  async stop(): Promise<void> {
    this.#isStopped = true;
    const stopping = this.#leaveAll(this.#stopping);
    this.#stopping = stopping;
    try {
      await stopping;
    } finally {
      if (this.#stopping === stopping) this.#stopping = undefined;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** @param before an earlier stop that is still under way */
  async #leaveAll(before: Promise<void> | undefined): Promise<void> {
    const runs = [...this.#runs.values()];
    this.#runs.clear();
    const leaving = runs.map(async (opening) => {
      // Behind the calls that wait for it too.
      const run = await opening.run.catch(() => undefined);
      await run?.leave();
    });
    for (const outcome of await Promise.allSettled([before, ...leaving])) {
      if (outcome.status === "rejected") throw outcome.reason;
    }
  }

  /** @throws StreamError `LIMIT` */
  #opening(runId: string): Opening {
    const opening = this.#runs.get(runId) ?? this.#open(runId);
    if (opening.waiting < WAITING) return opening;
    throw new StreamError("LIMIT", `too many calls wait for the run ${runId} to be opened`);
  }

  #open(runId: string): Opening {
    const opening = { run: this.#openBehind(this.#stopping, runId), waiting: 0 };
    this.#runs.set(runId, opening);
    // Nothing was written: the next call may try again.
    opening.run.catch(() => {
      if (this.#runs.get(runId) === opening) this.#runs.delete(runId);
    });
    return opening;
  }

  /** Started again before the stop is through: what was written before it goes first, if it can be stored. */
  async #openBehind(stopping: Promise<void> | undefined, runId: string): Promise<OpenRun> {
    await stopping?.catch(() => {});
    this.#assertNotFailed(runId);
    const onFailure = (error: unknown): void => this.#failed(runId, error);
    const { timing, maxLength } = this.#options;
    return OpenRun.open(this.#log, runId, { ...timing, maxLength, onFailure });
  }

  #failed(runId: string, error: unknown): void {
    this.#runs.delete(runId);
    const now = performance.now();
    // By then readers are told that its writer is lost, and nobody can go on with it.
    const isOver = now - 2 * this.#options.timing.leaseMs;
    for (const [oldest, { at }] of this.#failures) {
      if (this.#failures.size < FAILURES || at > isOver) break;
      this.#failures.delete(oldest);
    }
    this.#failures.set(runId, { error, at: now });
  }

  #assertNotFailed(runId: string): void {
    const failure = this.#failures.get(runId);
    if (failure !== undefined) throw failure.error;
  }
}
