import { PRODUCER_LOST, StreamError } from "@streambed/core/contracts";
import type { AppendOptions, StreamEnd, StreamLimits } from "@streambed/core/contracts";
import { assertFits } from "@streambed/core/store-kit";
import type { Batch } from "@streambed/core/store-kit";
import type { EightMethodClient } from "@streambed/redis-driver";
import { parseClaims, toClaim } from "./claims.ts";
import type { Claims } from "./claims.ts";
import type { StreamKeys } from "./keys.ts";
import { notActive } from "./reply-codes.ts";
import { parseStatus, toStreamStatus } from "./stored-status.ts";
import type { StoredStatus } from "./stored-status.ts";
import type {
  Appended,
  Look,
  NewStream,
  Seen,
  StoredPage,
  StreamBackend,
} from "./stream-backend.ts";

export interface PlainBackendOptions {
  commands: EightMethodClient;
  keysOf: (id: string) => StreamKeys;
  limits: Required<Record<keyof StreamLimits, number>>;
  ttlSec: number;
}

/** Elements of one LRANGE: how many fit on a page is not known before. */
const PAGE_CHUNKS = 256;

/**
 * Streams by plain commands only, for clients without scripts. What must be decided once, who created a
 * stream and how it ended, is elected in a list of claims; a key with a TTL stands for the lease.
 */
export class PlainBackend implements StreamBackend {
  /** Redis cannot tell a repeated RPUSH from another one. */
  readonly repeatsAppends = false;
  readonly #redis: EightMethodClient;
  readonly #options: PlainBackendOptions;

  constructor(options: PlainBackendOptions) {
    this.#redis = options.commands;
    this.#options = options;
  }

  async create(id: string, options: NewStream): Promise<void> {
    const { epoch, writer, leaseMs: lease, ttlSec: ttl } = options;
    const keys = this.#options.keysOf(id);
    const status: StoredStatus = {
      state: "active",
      totalChunks: 0,
      bytes: 0,
      epoch,
      writer,
      lease,
      ttl,
    };
    const standing = await this.#status(id);
    if (standing === null) {
      const first = await this.#redis.rpush(keys.claims, toClaim({ created: { epoch, writer } }));
      if (first === 1) await this.#redis.del(keys.chunks);
      await this.#redis.expire(keys.claims, keepSec(status));
    }
    const { created } = await this.#claims(id);
    const by = created ?? standing;
    const mine = by?.epoch === epoch || (writer !== undefined && by?.writer === writer);
    if (!mine) throw new StreamError("ALREADY_EXISTS", `the stream ${id} exists`);
    // The winner may have been cut off before it wrote the status.
    if (by?.epoch === epoch && standing === null) await this.#save(id, status);
  }

  async append(
    id: string,
    batch: Batch,
    { writer, after, end }: AppendOptions & { op: string },
  ): Promise<Appended> {
    const status = await this.#settled(id);
    if (status === null) throw new StreamError("NOT_FOUND", `there is no stream ${id}`);
    if (status.writer !== undefined && status.writer !== writer) {
      throw new StreamError("FENCED", `the stream ${id} belongs to another writer`);
    }
    if (status.state !== "active") throw notActive(id, status.state);
    const { totalChunks: chunks, bytes = 0 } = status;
    assertFits(batch, { chunks, bytes }, this.#options.limits, after);
    if (batch.chunks.length === 0) {
      await this.#save(id, status);
      await this.#confirm(id, status, status.totalChunks);
    } else {
      const stored = await this.#redis.rpush(this.#options.keysOf(id).chunks, ...batch.chunks);
      await this.#save(id, { ...status, totalChunks: stored, bytes: bytes + batch.bytes });
      await this.#confirm(id, status, stored);
      status.totalChunks = stored;
    }
    if (end !== undefined) await this.end(id, end);
    return { totalChunks: status.totalChunks, epoch: status.epoch ?? "" };
  }

  async end(id: string, end: StreamEnd | "stopped"): Promise<void> {
    const status = await this.#settled(id);
    if (status === null) throw new StreamError("NOT_FOUND", `there is no stream ${id}`);
    if (status.state === "active") await this.#end(id, status, end);
  }

  async read(id: string, afterSeq: number, maxBytes: number): Promise<StoredPage | null> {
    const stored = await this.#settled(id);
    if (stored === null) return null;
    const { epoch = "" } = stored;
    const status = toStreamStatus(stored);
    if (maxBytes === 0) return { epoch, status, chunks: [], isAnnounced: false };
    const { chunks: key } = this.#options.keysOf(id);
    const held = await this.#redis.llen(key);
    const last = Math.min(afterSeq + PAGE_CHUNKS, status.totalChunks) - 1;
    const chunks = last < afterSeq ? [] : await this.#redis.lrange(key, afterSeq, last);
    // Several commands are no snapshot: is it still the stream that it was before?
    const now = await this.#status(id);
    if (now === null) return null;
    if ((now.epoch ?? "") !== epoch) return this.read(id, afterSeq, maxBytes);
    if (held < status.totalChunks) {
      throw new StreamError("LOST", `chunks of the stream ${id} are gone`);
    }
    return { epoch, status, chunks: firstBytes(chunks, maxBytes), isAnnounced: false };
  }

  async look(seen: Seen[], maxBytes: number): Promise<Look[]> {
    return Promise.all(
      seen.map(({ id, afterSeq }) =>
        this.read(id, afterSeq, maxBytes).catch((error: unknown) => {
          if (StreamError.is(error)) return error;
          throw error;
        }),
      ),
    );
  }

  async toDelete(id: string): Promise<() => Promise<void>> {
    return () => this.#delete(id);
  }

  async #delete(id: string): Promise<void> {
    await this.#redis.del(...Object.values<string>({ ...this.#options.keysOf(id) }));
  }

  async #status(id: string): Promise<StoredStatus | null> {
    const json = await this.#redis.get(this.#options.keysOf(id).status);
    return json === null ? null : parseStatus(json);
  }

  async #claims(id: string): Promise<Claims> {
    return parseClaims(await this.#redis.lrange(this.#options.keysOf(id).claims, 0, -1));
  }

  /** The status with what the claims say of it, after ending a stream whose lease has lapsed. */
  async #settled(id: string): Promise<StoredStatus | null> {
    const status = await this.#status(id);
    if (status === null || status.epoch === undefined) return status;
    const claims = await this.#claims(id);
    // Deleted since the status was read.
    if (claims.created === undefined) return null;
    if (claims.end !== undefined) {
      return claims.total !== undefined && status.state !== "active"
        ? status
        : this.#seal(id, status, claims.end);
    }
    const keys = this.#options.keysOf(id);
    if (status.lease !== undefined && (await this.#redis.exists(keys.lease)) === 0) {
      return this.#end(id, status, { error: PRODUCER_LOST });
    }
    if (status.writer !== undefined) return status;
    // Anyone may append, and racing writers leave the smaller count behind.
    const held = await this.#redis.llen(keys.chunks);
    return { ...status, totalChunks: Math.max(status.totalChunks, held) };
  }

  /** Whether the stream was still there, and active, when the chunk of that seq was stored. */
  async #confirm(id: string, { epoch }: StoredStatus, seq: number): Promise<void> {
    if (epoch === undefined) return;
    if (await this.#isGone(id)) throw new StreamError("NOT_FOUND", `there is no stream ${id}`);
    const now = await this.#settled(id);
    if (now !== null && now.state !== "active" && seq > now.totalChunks)
      throw notActive(id, now.state);
  }

  /** Whether the stream was deleted while it was written to. What was written goes again. */
  async #isGone(id: string): Promise<boolean> {
    // Only a create makes the claim that comes first.
    const { created } = await this.#claims(id);
    if (created === undefined) await this.#delete(id);
    return created === undefined;
  }

  async #end(
    id: string,
    status: StoredStatus,
    end: StreamEnd | "stopped",
  ): Promise<StoredStatus | null> {
    await this.#redis.rpush(this.#options.keysOf(id).claims, toClaim({ end }));
    const claims = await this.#claims(id);
    return this.#seal(id, status, claims.end ?? end);
  }

  /** Counts the chunks before the end, once for all, and writes both down. */
  async #seal(
    id: string,
    status: StoredStatus,
    end: StreamEnd | "stopped",
  ): Promise<StoredStatus | null> {
    const keys = this.#options.keysOf(id);
    const stored = await this.#redis.llen(keys.chunks);
    await this.#redis.rpush(keys.claims, toClaim({ total: stored }));
    const { total = stored } = await this.#claims(id);
    const ended: StoredStatus = {
      ...status,
      state: typeof end === "string" ? end : "error",
      error: typeof end === "string" ? undefined : end.error,
      totalChunks: total,
    };
    await this.#save(id, ended);
    return status.epoch !== undefined && (await this.#isGone(id)) ? null : ended;
  }

  /** Writes the status, and renews lease and TTL. */
  async #save(id: string, status: StoredStatus): Promise<void> {
    const keys = this.#options.keysOf(id);
    const keep = keepSec({ ttl: this.#options.ttlSec, ...status });
    const writes: Promise<unknown>[] = [
      this.#redis.set(keys.status, JSON.stringify(status), "EX", keep),
      this.#redis.expire(keys.chunks, keep),
      this.#redis.expire(keys.claims, keep),
    ];
    if (status.state === "active" && status.lease !== undefined) {
      // The eight methods know seconds only: rounded up, a lease never lapses early.
      writes.push(this.#redis.set(keys.lease, "1", "EX", Math.ceil(status.lease / 1000)));
    }
    await Promise.all(writes);
  }
}

/** How long the keys of a stream are kept from now on, in seconds. */
function keepSec({ state, ttl = 1, lease = 0 }: StoredStatus): number {
  return state === "active" ? Math.max(ttl, Math.ceil((2 * lease) / 1000)) : ttl;
}

function firstBytes(chunks: string[], maxBytes: number): string[] {
  let room = maxBytes;
  // UTF-16 units stand for bytes here: a bound on memory, not a count.
  const full = chunks.findIndex((chunk) => (room -= chunk.length) < 0);
  return full === -1 ? chunks : chunks.slice(0, Math.max(full, 1));
}
