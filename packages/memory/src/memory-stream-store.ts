import { StreamError } from "@streambed/core/contracts";
import type {
  AppendOptions,
  CreateOptions,
  ReadOptions,
  StreamChunk,
  StreamLimits,
  StreamStatus,
  StreamStore,
} from "@streambed/core/contracts";
import {
  assertAppendOptions,
  assertCreateOptions,
  assertCursor,
  assertFits,
  assertPositiveInteger,
  assertStreamId,
  assertText,
  followStream,
  resolveLimits,
  toBatch,
} from "@streambed/core/store-kit";
import { StreamRecord } from "./stream-record.ts";

export interface MemoryStreamStoreOptions extends StreamLimits {
  /** How long a stream is kept after its end, in seconds. @default 300 */
  ttlSec?: number | undefined;
}

/**
 * Streams in this process's memory: for tests and development, and the reference for other stores.
 * Everything is gone with the process.
 *
 * Every method runs to its end without giving way, so each is atomic for free.
 */
export class MemoryStreamStore implements StreamStore {
  protected readonly streams: Map<string, StreamRecord> = new Map();
  readonly #limits: ReturnType<typeof resolveLimits>;
  readonly #ttlSec: number;

  /** @throws StreamError `INVALID_OPTION` */
  constructor(options: MemoryStreamStoreOptions = {}) {
    assertPositiveInteger("ttlSec", options.ttlSec);
    this.#limits = resolveLimits(options);
    this.#ttlSec = options.ttlSec ?? 300;
  }

  async create(id: string, options: CreateOptions = {}): Promise<void> {
    assertStreamId(id);
    assertCreateOptions(options);
    const standing = this.#find(id);
    if (standing === undefined) {
      const { writer, leaseMs, ttlSec = this.#ttlSec } = options;
      const record = new StreamRecord({ writer, leaseMs, ttlSec });
      this.streams.set(id, record);
      record.onExpiry(() => this.#forget(id, record));
    } else if (options.writer === undefined || standing.writer !== options.writer) {
      throw new StreamError("ALREADY_EXISTS", `the stream ${id} exists`);
    }
  }

  async append(
    id: string,
    chunks: string | readonly string[],
    options: AppendOptions = {},
  ): Promise<number> {
    assertStreamId(id);
    assertAppendOptions(options);
    const batch = toBatch(chunks, this.#limits);
    const record = this.#get(id);
    if (options.op !== undefined && options.op === record.lastOp) return record.lastSeq;
    if (record.writer !== undefined && record.writer !== options.writer) {
      throw new StreamError("FENCED", `the stream ${id} belongs to another writer`);
    }
    const { state } = record.status();
    if (state !== "active") {
      throw new StreamError("NOT_ACTIVE", `the stream ${id} has ended: ${state}`, { state });
    }
    assertFits(batch, { chunks: record.lastSeq, bytes: record.bytes }, this.#limits, options.after);
    record.append(batch, options);
    return record.lastSeq;
  }

  readFrom(
    id: string,
    afterSeq: number,
    options?: ReadOptions,
  ): AsyncGenerator<StreamChunk, StreamStatus, undefined> {
    return followStream(
      {
        read: async (cursor) => {
          assertStreamId(id);
          assertCursor(cursor);
          return this.#find(id)?.page(cursor) ?? null;
        },
        changed: async (page, signal) => this.#find(id)?.changed(page, signal),
      },
      afterSeq,
      options,
    );
  }

  async getStatus(id: string): Promise<StreamStatus | null> {
    assertStreamId(id);
    return this.#find(id)?.status() ?? null;
  }

  async stop(id: string): Promise<void> {
    assertStreamId(id);
    this.#get(id).end("stopped");
  }

  async complete(id: string): Promise<void> {
    assertStreamId(id);
    this.#get(id).end("done");
  }

  async fail(id: string, error: string): Promise<void> {
    assertStreamId(id);
    assertText(error, "an error text");
    this.#get(id).end({ error });
  }

  async delete(id: string): Promise<void> {
    assertStreamId(id);
    const record = this.streams.get(id);
    if (record) this.#forget(id, record);
  }

  #find(id: string): StreamRecord | undefined {
    const record = this.streams.get(id);
    // Timers fire late on a busy machine: the clock decides.
    record?.checkClock();
    return this.streams.get(id);
  }

  #get(id: string): StreamRecord {
    const record = this.#find(id);
    if (record === undefined) throw new StreamError("NOT_FOUND", `there is no stream ${id}`);
    return record;
  }

  #forget(id: string, record: StreamRecord): void {
    record.dispose();
    if (this.streams.get(id) === record) this.streams.delete(id);
  }
}
