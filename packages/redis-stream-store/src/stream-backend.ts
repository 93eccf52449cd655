import type { AppendOptions, StreamEnd, StreamError } from "@streambed/core/contracts";
import type { Batch, StreamPage } from "@streambed/core/store-kit";

/** How streams are kept in Redis, with scripts or without. Arguments are already checked. */
export interface StreamBackend {
  /** Whether an append may be sent again when its reply was lost. */
  readonly repeatsAppends: boolean;
  /** @throws StreamError `ALREADY_EXISTS` */
  create(id: string, options: NewStream): Promise<void>;
  /** @throws StreamError `NOT_FOUND`, `NOT_ACTIVE`, `FENCED`, `LIMIT`, `LOST` */
  append(id: string, batch: Batch, options: AppendOptions & { op: string }): Promise<Appended>;
  /** @throws StreamError `NOT_FOUND` */
  end(id: string, end: StreamEnd | "stopped"): Promise<void>;
  /** One consistent look, with at most `maxBytes` of chunks (at least one), none if 0. @throws StreamError `LOST` */
  read(id: string, afterSeq: number, maxBytes: number): Promise<StoredPage | null>;
  /** A look at each of many streams, with at most `maxBytes` of chunks in all. */
  look(seen: Seen[], maxBytes: number): Promise<Look[]>;
  /** Where changes of the stream are announced. */
  channelOf(id: string): string;
  /** The chunk in an announcement. */
  chunkOf(stored: string): string;
  /** Finds what a delete means, and resolves to the deed, which may be repeated. */
  toDelete(id: string): Promise<() => Promise<void>>;
}

/** A stream as a reader last saw it: active, with `afterSeq` chunks. */
export interface Seen {
  id: string;
  afterSeq: number;
  /** Undefined if it was not seen. */
  epoch: string | undefined;
}

/** A page, whether changes of the stream are announced where this store listens, and its producer's lease. */
export interface StoredPage extends StreamPage {
  isAnnounced: boolean;
  leaseMs?: number | undefined;
}

/** What a look finds. An error is that stream's alone. */
export type Look = StoredPage | null | StreamError | "as seen";

export interface NewStream {
  /** Random, the same in every attempt of one create. */
  epoch: string;
  writer: string | undefined;
  leaseMs: number | undefined;
  ttlSec: number;
}

export interface Appended {
  /** The stream's last seq. */
  totalChunks: number;
  epoch: string;
}
