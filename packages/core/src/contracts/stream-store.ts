/**
 * The stream contract.
 *
 * How it may change: methods are required, never optional. A new promise is a new `INVARIANT` line
 * here and a case of the same id in `@streambed/conformance`; a new capability is a new interface.
 * Times are milliseconds (`…Ms`) or seconds (`…Sec`), as the name says.
 */
export interface StreamStore {
  /**
   * Starts the stream `id`: active, no chunks yet.
   *
   * - INVARIANT create-one-winner: of N racing creates of an id exactly one resolves, the others
   *   reject with `ALREADY_EXISTS`; so does creating an id whose stream has ended.
   * - INVARIANT create-same-writer: creating again with the writer that already stands resolves and
   *   changes nothing, whatever the state is now (the reply to the first attempt was lost).
   * - INVARIANT create-open: a stream created without a writer takes anyone's appends.
   * - INVARIANT id-grammar: an id that does not match `^[A-Za-z0-9_.:-]{1,256}$` is `INVALID_ID`, in
   *   every method, and nothing is stored.
   * - INVARIANT option-range: an option of the wrong type or out of range is `INVALID_OPTION`.
   */
  create(id: string, options?: CreateOptions): Promise<void>;

  /**
   * Stores `chunks` behind what is there, and resolves to the seq of the last one.
   *
   * - INVARIANT append-order: a batch is stored in its order, without another's chunks in between;
   *   seqs count from 1 without a gap.
   * - INVARIANT append-verbatim: every well-formed string comes back as it went in: empty, with NUL,
   *   CR, U+FEFF, or looking like a number or like JSON.
   * - INVARIANT append-all-or-nothing: a refused batch stores none of its chunks.
   * - INVARIANT append-not-found: on an unknown stream `NOT_FOUND`; nothing comes into being.
   * - INVARIANT append-not-active: on an ended stream `NOT_ACTIVE`, with its `state`.
   * - INVARIANT append-fenced: with another writer than the recorded one, or with none, `FENCED`.
   * - INVARIANT append-after: with `after`, chunks are stored directly behind that seq or not at all:
   *   `CONFLICT`. So an attempt that was given up does no harm when it arrives behind newer ones.
   * - INVARIANT append-end: `end` ends the stream in the same step as it stores the chunks; an empty
   *   batch with `end` ends it too.
   * - INVARIANT append-chunk-grammar: a chunk that is not a string, or not well-formed UTF-16, is
   *   `INVALID_CHUNK`.
   * - INVARIANT repeat-op: repeating the last applied `op` changes nothing and resolves to what it
   *   resolved to, also when the stream has ended since.
   * - INVARIANT repeat-new-op: identical text under another `op` is another append.
   * - INVARIANT heartbeat-silent: an empty batch stores nothing, wakes no reader, and resolves to the
   *   last seq.
   * - INVARIANT heartbeat-refused: an empty batch is refused where an append would be, so that a
   *   producer learns that it was stopped or fenced.
   * - INVARIANT lease-renewed: every append, an empty one too, renews the lease.
   * - INVARIANT limit-chunk-bytes, limit-chunks, limit-bytes: a batch with a chunk over
   *   `maxChunkBytes`, or one that would take the stream over `maxChunks` or `maxBytes` (UTF-8), is
   *   `LIMIT`; the stream stays active and takes a smaller one.
   */
  append(id: string, chunks: string | readonly string[], options?: AppendOptions): Promise<number>;

  /**
   * Yields every chunk after `afterSeq`, then follows the stream live, and returns its status once it
   * has ended.
   *
   * - INVARIANT read-every-chunk: from any cursor, every later chunk comes once, in order, whether it
   *   was stored before or comes while reading; readers do not disturb one another.
   * - INVARIANT read-stored-end: it returns only on a stored end, with that end's status, and only
   *   after the last chunk.
   * - INVARIANT read-not-found: an id that holds no stream is `NOT_FOUND`.
   * - INVARIANT read-expired: deleted, expired or re-created while being followed, it is `EXPIRED`.
   * - INVARIANT read-cursor: a cursor that is not an integer >= 0, or is past the last seq, is
   *   `INVALID_CURSOR`.
   * - INVARIANT read-lost: fewer chunks than the status says is `LOST`, never a short answer.
   * - INVARIANT read-abort: aborting rejects with `signal.reason`, at once, also while waiting.
   * - INVARIANT read-leaves-nothing: after the end, an abort or `return()`, even one during a pending
   *   `next()`, no timer and no listener is left behind.
   */
  readFrom(
    id: string,
    afterSeq: number,
    options?: ReadOptions,
  ): AsyncGenerator<StreamChunk, StreamStatus, undefined>;

  /**
   * The stream's status, or `null` if there is none.
   *
   * - INVARIANT lease-lapse: a stream whose producer has written nothing for `leaseMs` becomes `error`
   *   with the text `producer lost`; whoever looks next sees it, and a reader that follows sees it
   *   within a second of the lapse.
   * - INVARIANT lease-final: a lapse is an end like any other: what its producer sends later is
   *   `NOT_ACTIVE`.
   * - INVARIANT lease-none: a stream created without `leaseMs` has none.
   * - INVARIANT expiry-after-end: `ttlSec` after its end nothing of a stream is left.
   * - INVARIANT expiry-while-active: an active stream is kept for the longer of `ttlSec` and twice its
   *   lease, from its last write, an empty one too.
   */
  getStatus(id: string): Promise<StreamStatus | null>;

  /**
   * Ends the stream as `stopped`. Anyone may, anywhere.
   *
   * - INVARIANT end-first-counts: the first end stays, whatever races; `stop`, `complete` and `fail`
   *   on an ended stream resolve and change nothing.
   * - INVARIANT end-not-found: on an unknown stream they reject with `NOT_FOUND`.
   * - INVARIANT end-seals: once an end has been seen, no chunk appears behind it.
   */
  stop(id: string): Promise<void>;

  /** Ends the stream as `done`. The invariants of {@link StreamStore.stop} hold. */
  complete(id: string): Promise<void>;

  /**
   * Ends the stream as `error`. The invariants of {@link StreamStore.stop} hold.
   *
   * - INVARIANT end-error-text: the text comes back as it went in.
   */
  fail(id: string, error: string): Promise<void>;

  /**
   * Forgets the stream, whatever its state.
   *
   * - INVARIANT delete-forgets: nothing is left, and the id is free; of an unknown id it resolves.
   */
  delete(id: string): Promise<void>;
}

/** `active`, then exactly one of the others. */
export type StreamState = "active" | "done" | "stopped" | "error";

/** One stored piece of a stream. */
export interface StreamChunk {
  /** 1-based position in the stream. */
  seq: number;
  data: string;
}

export interface StreamStatus {
  state: StreamState;
  /** Only with state `error`. */
  error?: string;
  totalChunks: number;
}

export interface CreateOptions {
  /** Random token that names the producer: 1 to 128 visible ASCII characters. @default none: anyone may append */
  writer?: string | undefined;
  /**
   * How long the producer may be silent before it counts as lost. A store that counts in seconds rounds
   * it up. @default none: for ever
   */
  leaseMs?: number | undefined;
  /** How long the stream is kept after its end. @default the store's `ttlSec` */
  ttlSec?: number | undefined;
}

export interface AppendOptions {
  /** The token given to `create`. */
  writer?: string | undefined;
  /** Names this append, so that repeating it is harmless: 1 to 128 visible ASCII characters. @default a fresh one */
  op?: string | undefined;
  /** The seq behind which the chunks belong. @default wherever the stream stands */
  after?: number | undefined;
  /** Ends the stream in the same step. */
  end?: StreamEnd | undefined;
}

/** How a producer ends its stream. */
export type StreamEnd = "done" | { error: string };

export interface ReadOptions {
  signal?: AbortSignal | undefined;
}

/** Bounds of one stream. */
export interface StreamLimits {
  /** UTF-8 bytes of one chunk. @default 1_048_576 */
  maxChunkBytes?: number | undefined;
  /** Chunks of one stream. @default 100_000 */
  maxChunks?: number | undefined;
  /** UTF-8 bytes of all chunks of one stream. @default 67_108_864 */
  maxBytes?: number | undefined;
}

/** The text with which a stream ends whose producer's lease has lapsed. */
export const PRODUCER_LOST = "producer lost";
