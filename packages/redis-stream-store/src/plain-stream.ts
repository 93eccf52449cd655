import { PRODUCER_LOST, StreamError } from "@streambed/core/contracts";
import type { StreamEnd } from "@streambed/core/contracts";
import type { Batch } from "@streambed/core/store-kit";
import type { EightMethodClient } from "@streambed/redis-driver";
import { ClaimList } from "./claims.ts";
import type { StreamKeys } from "./keys.ts";
import { keepSec, PlainStatus } from "./plain-status.ts";
import { notActive } from "./reply-codes.ts";
import { takeRoom } from "./room.ts";
import type { Limits } from "./room.ts";
import type { StoredStatus } from "./stored-status.ts";
import type { NewStream } from "./stream-backend.ts";

export interface PlainStreamOptions {
  redis: EightMethodClient;
  keys: StreamKeys;
  limits: Limits;
  /** For a stream that has none of its own, in seconds. */
  ttlSec: number;
}

/**
 * One stream by plain commands. What must be decided once, who created it and how it ended, is elected in
 * a list of claims; a key with a TTL stands for the lease.
 */
export class PlainStream {
  readonly #id: string;
  readonly #redis: EightMethodClient;
  readonly #keys: StreamKeys;
  readonly #claims: ClaimList;
  readonly #status: PlainStatus;
  readonly #limits: Limits;

  constructor(id: string, { redis, keys, limits, ttlSec }: PlainStreamOptions) {
    this.#id = id;
    this.#redis = redis;
    this.#keys = keys;
    this.#claims = new ClaimList(redis, keys.claims);
    this.#status = new PlainStatus(redis, keys, ttlSec);
    this.#limits = limits;
  }

  /** Whether the stream is now the one described: created here and now, or by the same writer before. */
  async create({ epoch, writer, leaseMs: lease, ttlSec: ttl }: NewStream): Promise<boolean> {
    const room = writer === undefined ? { asks: 0, taken: 0 } : {};
    const counts = { totalChunks: 0, bytes: 0, ...room };
    const status: StoredStatus = { state: "active", ...counts, epoch, writer, lease, ttl };
    const standing = await this.#status.read();
    if (standing === null) {
      const claims = await this.#claims.add({ created: { epoch, writer } });
      if (claims === 1) await this.#redis.del(this.#keys.chunks, this.#keys.room);
      await this.#redis.expire(this.#keys.claims, keepSec(status));
    }
    const { created } = await this.#claims.read();
    const by = created ?? standing;
    // The winner may have been cut off before it wrote the status.
    if (by?.epoch === epoch && standing === null) await this.#status.write(status);
    return by?.epoch === epoch || (writer !== undefined && by?.writer === writer);
  }

  /** The status as it is written down. */
  status(): Promise<StoredStatus | null> {
    return this.#status.read();
  }

  /** The status with what the claims say of it, after ending a stream whose lease has lapsed. */
  async settled(): Promise<StoredStatus | null> {
    const status = await this.#status.read();
    if (status === null || status.epoch === undefined) return status;
    const claims = await this.#claims.read();
    // Deleted since the status was read.
    if (claims.created === undefined) return null;
    if (claims.end !== undefined) {
      return claims.total !== undefined && status.state !== "active"
        ? status
        : this.#seal(status, claims.end);
    }
    if (await this.#status.hasLapsed(status)) {
      return this.end(status, { error: PRODUCER_LOST });
    }
    if (status.writer !== undefined) return status;
    // Anyone may append, and racing writers leave the smaller count behind.
    return { ...status, totalChunks: Math.max(status.totalChunks, await this.held()) };
  }

  /** How many chunks there are, those behind an end too. */
  held(): Promise<number> {
    return this.#redis.llen(this.#keys.chunks);
  }

  chunks(afterSeq: number, lastSeq: number): Promise<string[]> {
    return this.#redis.lrange(this.#keys.chunks, afterSeq, lastSeq - 1);
  }

  /**
   * Stores a batch behind what is there, and renews lease and TTL; an empty one does only that.
   *
   * @param status settled, and active
   * @returns the last seq
   * @throws StreamError `LIMIT`; `NOT_FOUND`, `NOT_ACTIVE` if the stream was gone, or had ended, by then
   */
  async append(status: StoredStatus, batch: Batch): Promise<number> {
    let after = status;
    if (batch.chunks.length > 0) {
      const grown = await this.#grown(status, batch);
      const totalChunks = await this.#redis.rpush(this.#keys.chunks, ...batch.chunks);
      after = { ...status, ...grown, totalChunks };
    }
    await this.#status.write(after);
    if (status.epoch !== undefined) await this.#confirm(after.totalChunks);
    return after.totalChunks;
  }

  /** Ends a stream that was active when it was looked at. The first end counts. */
  async end(status: StoredStatus, end: StreamEnd | "stopped"): Promise<StoredStatus | null> {
    await this.#claims.add({ end });
    const { end: first = end } = await this.#claims.read();
    return this.#seal(status, first);
  }

  async delete(): Promise<void> {
    await this.#redis.del(...Object.values<string>({ ...this.#keys }));
  }

  /** What the status says of the stream's size once `batch` is stored. */
  async #grown(status: StoredStatus, batch: Batch): Promise<Partial<StoredStatus>> {
    const { bytes = 0, asks, taken } = status;
    // One writer alone knows what there is.
    if (asks === undefined || taken === undefined) return { bytes: bytes + batch.bytes };
    return takeRoom(this.#redis, this.#keys.room, { asks, taken, bytes }, batch, this.#limits);
  }

  /** Whether the stream was still there, and active, when the chunk of that seq was stored. */
  async #confirm(seq: number): Promise<void> {
    const now = await this.settled();
    if (now === null) {
      await this.#isGone();
      throw new StreamError("NOT_FOUND", `there is no stream ${this.#id}`);
    }
    if (now.state !== "active" && seq > now.totalChunks) throw notActive(this.#id, now.state);
  }

  /** Whether the stream was deleted while it was written to. What was written goes again. */
  async #isGone(): Promise<boolean> {
    // Only a create makes the claim that comes first.
    const { created } = await this.#claims.read();
    if (created === undefined) await this.delete();
    return created === undefined;
  }

  /** Counts the chunks before the end, once for all, and writes both down. */
  async #seal(status: StoredStatus, end: StreamEnd | "stopped"): Promise<StoredStatus | null> {
    const held = await this.held();
    await this.#claims.add({ total: held });
    const { total = held } = await this.#claims.read();
    const ended: StoredStatus = {
      ...status,
      state: typeof end === "string" ? end : "error",
      error: typeof end === "string" ? undefined : end.error,
      totalChunks: total,
    };
    await this.#status.write(ended);
    return status.epoch !== undefined && (await this.#isGone()) ? null : ended;
  }
}
