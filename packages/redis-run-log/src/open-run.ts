import { StreamError } from "@streambed/core/contracts";
import { StreamWriter } from "@streambed/core/engine-kit";
import { sleep } from "@streambed/core/store-kit";
import { endOf } from "./entry-meaning.ts";
import type { RunEnd } from "./run-end.ts";
import type { RunLog } from "./run-log.ts";
import type { WriterTiming } from "./writer-options.ts";

/** How long a call waits for room. */
const ROOM_MS = 1_000;

export interface OpenRunOptions extends WriterTiming {
  maxLength: number;
  /** Called once, if what was written can no longer be stored. */
  onFailure: (error: unknown) => void;
}

/** A run that this process writes. */
export class OpenRun {
  readonly #log: RunLog;
  readonly #runId: string;
  readonly #token: string;
  readonly #writer: StreamWriter;
  #seq: number;
  #failure: { error: unknown } | undefined;
  /** Settles when there is room again; undefined while there is. */
  #room: Promise<void> | undefined;
  #isAwaited = false;
  /** Settles when the end is stored; undefined until there is one. */
  #completed: Promise<void> | undefined;

  private constructor(
    log: RunLog,
    runId: string,
    { token, seq, ...options }: OpenRunOptions & { token: string; seq: number },
  ) {
    this.#log = log;
    this.#runId = runId;
    this.#token = token;
    this.#seq = seq;
    const { onFailure, ...timing } = options;
    const onRefused = (error: unknown): void => {
      this.#failure = { error };
      onFailure(error);
    };
    this.#writer = new StreamWriter(log, runId, { ...timing, writer: token, seq, onRefused });
  }

  /** @throws StreamError `ALREADY_EXISTS`, `NOT_ACTIVE`, `UNAVAILABLE` */
  static async open(log: RunLog, runId: string, options: OpenRunOptions): Promise<OpenRun> {
    const token = crypto.randomUUID();
    // Readers wait longer than another writer does, so that a restart can go on with the run.
    const { leaseMs, maxLength } = options;
    const lease = { leaseMs: 2 * leaseMs, handoverMs: leaseMs };
    const seq = await log.open(runId, { writer: token, ...lease, maxLength });
    return new OpenRun(log, runId, { ...options, token, seq });
  }

  /** @throws StreamError `LIMIT` if there is no room, and what the log refused with */
  async write(data: string): Promise<number> {
    if (!this.#writer.hasRoom) await this.#waitForRoom();
    this.#assertOpen();
    this.#room = this.#writer.write(data)?.catch(() => {});
    return ++this.#seq;
  }

  /** Who awaits each call is made to wait, and not refused, where Redis is well: one call at a time, and not for long. */
  async #waitForRoom(): Promise<void> {
    const giveUp = new AbortController();
    if (!this.#isAwaited) {
      this.#isAwaited = true;
      await Promise.race([this.#room, sleep(ROOM_MS, giveUp.signal)]).catch(() => {});
      giveUp.abort();
      this.#isAwaited = false;
      if (this.#writer.hasRoom) return;
    }
    this.#assertOpen();
    throw new StreamError("LIMIT", `too much of the run ${this.#runId} waits to be stored`);
  }

  /** Stores what waits, and ends the run with `data`. */
  async complete(data: string): Promise<number> {
    this.#assertOpen();
    const seq = ++this.#seq;
    const plain: RunEnd = { state: "done", error: "", entries: [data], markers: 0 };
    await (this.#completed = this.#writer.end(endOf(data) ?? plain));
    return seq;
  }

  /** Stores what waits, and lets another writer go on. */
  async leave(): Promise<void> {
    if (this.#completed !== undefined) return this.#completed;
    try {
      await this.#writer.flush();
    } finally {
      this.#writer.close();
    }
    await this.#log.release(this.#runId, this.#token);
  }

  #assertOpen(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#completed === undefined) return;
    throw new StreamError("NOT_ACTIVE", `the run ${this.#runId} is complete`, { state: "done" });
  }
}
