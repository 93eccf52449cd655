import type {
  AppendOptions,
  CreateOptions,
  ReadOptions,
  StreamChunk,
  StreamEnd,
  StreamLimits,
  StreamStatus,
  StreamStore,
} from "@streambed/core/contracts";
import {
  assertAppendOptions,
  assertCreateOptions,
  assertCursor,
  assertPositiveInteger,
  assertStreamId,
  assertText,
  followStream,
  resolveLimits,
  toBatch,
} from "@streambed/core/store-kit";
import type { StreamPage } from "@streambed/core/store-kit";
import { checkedAtFirstUse, retry, toDriver } from "@streambed/redis-driver";
import type { PubSub, RedisClient, RedisDriver, RetryOptions } from "@streambed/redis-driver";
import { choosePush, pollPace } from "./delivery.ts";
import type { DeliveryOptions } from "./delivery.ts";
import { OneAtATime } from "./one-at-a-time.ts";
import { PollSchedule } from "./poll-schedule.ts";
import { PushFeed } from "./push-feed.ts";
import type { StreamBackend } from "./stream-backend.ts";
import { PAGE_BYTES, StreamTail } from "./stream-tail.ts";
import { StreamTails } from "./stream-tails.ts";
import { TailPoller } from "./tail-poller.ts";

/** Bytes of chunks that one poll of many streams may bring. */
const POLL_BYTES = 1_048_576;

const SHARD_CHANNELS = { who: 'push: "sharded"', major: 7, minor: 0 };

export interface BackedStreamStoreOptions extends StreamLimits, DeliveryOptions {
  /** How long a stream is kept after its end, in seconds. */
  ttlSec: number;
  /** How long one command may take, in milliseconds. @default 5_000 */
  timeoutMs?: number | undefined;
  /** For how long what is safe to repeat is tried again, in milliseconds. @default 10_000 */
  retryForMs?: number | undefined;
}

/** What a backend needs of the store that it is made for. */
export interface BackendParts {
  driver: RedisDriver;
  limits: Required<Record<keyof StreamLimits, number>>;
  ttlSec: number;
  /** Where what is stored in streams that are created here is announced, and listened for. */
  announces: "on channels" | "on shard channels" | undefined;
}

/** The store over any layout: what it checks, what it repeats, and how it follows. */
export class BackedStreamStore implements StreamStore {
  readonly #backend: StreamBackend;
  readonly #tails: StreamTails;
  readonly #appends: OneAtATime = new OneAtATime();
  readonly #limits: ReturnType<typeof resolveLimits>;
  readonly #retry: RetryOptions;
  readonly #ttlSec: number;

  /** @throws StreamError `UNSUPPORTED` for a client of no known kind, `INVALID_OPTION` */
  constructor(
    redis: RedisClient,
    options: BackedStreamStoreOptions,
    open: (parts: BackendParts) => StreamBackend,
  ) {
    const { ttlSec, timeoutMs = 5_000, retryForMs = 10_000 } = options;
    const driver = toDriver(redis);
    const pace = pollPace(driver, options);
    const integers = { ttlSec, pollIntervalMs: pace.firstMs, timeoutMs, retryForMs };
    for (const [name, value] of Object.entries(integers)) assertPositiveInteger(name, value);
    this.#ttlSec = ttlSec;
    this.#retry = { timeoutMs, retryForMs };
    this.#limits = resolveLimits(options);

    const pubSub = choosePush(driver, options, redis);
    const announces = pubSub && (pubSub.isSharded ? "on shard channels" : "on channels");
    const checked = checkedDriver(driver, pubSub);
    const backend = open({ driver: checked, limits: this.#limits, ttlSec, announces });
    this.#backend = backend;
    const channelOf = (id: string): string => backend.channelOf(id);
    const push = pubSub && new PushFeed({ pubSub, channelOf });
    const poller = new TailPoller((seen) => this.repeated(() => backend.look(seen, POLL_BYTES)));
    this.#tails = new StreamTails(
      (id) =>
        new StreamTail({
          id,
          read: (afterSeq, needsChunks) => this.#read(id, afterSeq, needsChunks),
          chunkOf: (stored) => backend.chunkOf(stored),
          schedule: new PollSchedule(pace),
          onWaiting: (tail) => poller.add(tail),
          onIdle: (tail) => poller.remove(tail),
          push,
        }),
    );
  }

  async create(id: string, options: CreateOptions = {}): Promise<void> {
    assertStreamId(id);
    assertCreateOptions(options);
    const { writer, leaseMs, ttlSec = this.#ttlSec } = options;
    const stream = { epoch: crypto.randomUUID(), writer, leaseMs, ttlSec };
    await this.repeated(() => this.#backend.create(id, stream));
  }

  async append(
    id: string,
    chunks: string | readonly string[],
    options: AppendOptions = {},
  ): Promise<number> {
    assertStreamId(id);
    assertAppendOptions(options);
    const batch = toBatch(chunks, this.#limits);
    // An op in any case, and a copy of the caller's end: every attempt must send the same.
    const { writer, op = crypto.randomUUID(), after } = options;
    const end = typeof options.end === "object" ? { ...options.end } : options.end;
    const { repeatsAppends } = this.#backend;
    const policy = repeatsAppends ? this.#retry : { ...this.#retry, retryForMs: 0 };
    const { epoch, totalChunks } = await this.#appends.run(id, () =>
      retry(() => this.#backend.append(id, batch, { writer, op, after, end }), policy),
    );
    const tail = this.#tails.get(id);
    if (end !== undefined) tail?.pollNow();
    else if (batch.chunks.length > 0)
      tail?.feed({ epoch, chunks: batch.chunks, totalChunks }, { writer });
    return totalChunks;
  }

  readFrom(
    id: string,
    afterSeq: number,
    options?: ReadOptions,
  ): AsyncGenerator<StreamChunk, StreamStatus, undefined> {
    let tail: StreamTail | undefined;
    return followStream(
      {
        // The first look is a fresh one; later ones may come from what all readers share.
        read: (cursor, needsChunks) => {
          if (tail !== undefined) return tail.read(cursor, needsChunks);
          assertStreamId(id);
          assertCursor(cursor);
          tail = this.#tails.acquire(id);
          if (needsChunks) tail.keepsChunks = true;
          return this.#read(id, cursor, needsChunks);
        },
        changed: (page, signal, needsChunks) =>
          tail?.changed(page, signal, needsChunks) ?? Promise.resolve(),
        close: () => {
          if (tail !== undefined) this.#tails.release(id);
          tail = undefined;
        },
      },
      afterSeq,
      options,
    );
  }

  async getStatus(id: string): Promise<StreamStatus | null> {
    assertStreamId(id);
    const page = await this.repeated(() => this.#backend.read(id, 0, 0));
    return page?.status ?? null;
  }

  async stop(id: string): Promise<void> {
    await this.#end(id, "stopped");
  }

  async complete(id: string): Promise<void> {
    await this.#end(id, "done");
  }

  async fail(id: string, error: string): Promise<void> {
    assertText(error, "an error text");
    await this.#end(id, { error });
  }

  async delete(id: string): Promise<void> {
    assertStreamId(id);
    const doDelete = await this.repeated(() => this.#backend.toDelete(id));
    await this.repeated(doDelete);
    this.#tails.get(id)?.pollNow();
  }

  async #end(id: string, end: StreamEnd | "stopped"): Promise<void> {
    assertStreamId(id);
    await this.repeated(() => this.#backend.end(id, end));
    this.#tails.get(id)?.pollNow();
  }

  #read(id: string, afterSeq: number, needsChunks = true): Promise<StreamPage | null> {
    const bytes = needsChunks ? PAGE_BYTES : 0;
    return this.repeated(() => this.#backend.read(id, afterSeq, bytes));
  }

  /** What is safe to repeat, repeated until it succeeds, is refused, or time is up. */
  protected repeated<T>(attempt: () => Promise<T>): Promise<T> {
    return retry(attempt, this.#retry);
  }
}

/** The driver, which asks its server at first use whether it can do what is needed. */
function checkedDriver(driver: RedisDriver, pubSub: PubSub | undefined): RedisDriver {
  if (!("run" in driver) || driver.isRest) return driver;
  const need = pubSub?.isSharded ? SHARD_CHANNELS : undefined;
  return { ...driver, run: checkedAtFirstUse(driver.run, need) };
}
