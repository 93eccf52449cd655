import { StreamError } from "@streambed/core/contracts";
import type { AppendOptions, StreamEnd } from "@streambed/core/contracts";
import { assertFits } from "@streambed/core/store-kit";
import type { Batch } from "@streambed/core/store-kit";
import type { EightMethodClient } from "@streambed/redis-driver";
import type { StreamKeys } from "./keys.ts";
import { PlainStream } from "./plain-stream.ts";
import { notActive } from "./reply-codes.ts";
import type { Limits } from "./room.ts";
import { toStreamStatus } from "./stored-status.ts";
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
  limits: Limits;
  ttlSec: number;
}

/** Elements of one LRANGE: how many fit on a page is not known before. */
const PAGE_CHUNKS = 256;

/** Streams by plain commands only, for clients without scripts. */
export class PlainBackend implements StreamBackend {
  /** Redis cannot tell a repeated RPUSH from another one. */
  readonly repeatsAppends = false;
  readonly #options: PlainBackendOptions;

  constructor(options: PlainBackendOptions) {
    this.#options = options;
  }

  async create(id: string, options: NewStream): Promise<void> {
    if (await this.#stream(id).create(options)) return;
    throw new StreamError("ALREADY_EXISTS", `the stream ${id} exists`);
  }

  async append(
    id: string,
    batch: Batch,
    { writer, after, end }: AppendOptions & { op: string },
  ): Promise<Appended> {
    const stream = this.#stream(id);
    const status = found(id, await stream.settled());
    if (status.writer !== undefined && status.writer !== writer) {
      throw new StreamError("FENCED", `the stream ${id} belongs to another writer`);
    }
    if (status.state !== "active") throw notActive(id, status.state);
    const { totalChunks: chunks, bytes = 0 } = status;
    assertFits(batch, { chunks, bytes }, this.#options.limits, after);
    const totalChunks = await stream.append(status, batch);
    if (end !== undefined) await this.end(id, end);
    return { totalChunks, epoch: status.epoch ?? "" };
  }

  async end(id: string, end: StreamEnd | "stopped"): Promise<void> {
    const stream = this.#stream(id);
    const status = found(id, await stream.settled());
    if (status.state === "active") await stream.end(status, end);
  }

  async read(id: string, afterSeq: number, maxBytes: number): Promise<StoredPage | null> {
    const stream = this.#stream(id);
    const stored = await stream.settled();
    if (stored === null) return null;
    const { epoch = "" } = stored;
    const status = toStreamStatus(stored);
    if (maxBytes === 0) return { epoch, status, chunks: [], isAnnounced: false };
    const held = await stream.held();
    const last = Math.min(afterSeq + PAGE_CHUNKS, status.totalChunks);
    const chunks = last > afterSeq ? await stream.chunks(afterSeq, last) : [];
    // Several commands are no snapshot: is it still the stream that it was before?
    const now = await stream.status();
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

  // Nobody announces with plain commands.
  channelOf(id: string): string {
    return this.#options.keysOf(id).live;
  }

  chunkOf(stored: string): string {
    return stored;
  }

  async toDelete(id: string): Promise<() => Promise<void>> {
    return () => this.#stream(id).delete();
  }

  #stream(id: string): PlainStream {
    const { commands: redis, keysOf, limits, ttlSec } = this.#options;
    return new PlainStream(id, { redis, keys: keysOf(id), limits, ttlSec });
  }
}

function found(id: string, status: StoredStatus | null): StoredStatus {
  if (status === null) throw new StreamError("NOT_FOUND", `there is no stream ${id}`);
  return status;
}

function firstBytes(chunks: string[], maxBytes: number): string[] {
  let room = maxBytes;
  // UTF-16 units stand for bytes here: a bound on memory, not a count.
  const full = chunks.findIndex((chunk) => (room -= chunk.length) < 0);
  return full === -1 ? chunks : chunks.slice(0, Math.max(full, 1));
}
