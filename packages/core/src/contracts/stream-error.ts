import type { StreamState } from "./stream-store.ts";

/** Every way in which a stream operation can fail. Branch on this, never on a message. */
export type StreamErrorCode =
  /** `create`: the id is taken by another writer, or by a stream that has ended. */
  | "ALREADY_EXISTS"
  /** No stream of that id, or none any more; in a history, no message of that id. */
  | "NOT_FOUND"
  /** `append`: the stream has ended; `state` says how. */
  | "NOT_ACTIVE"
  /** `append`: the stream belongs to another writer. */
  | "FENCED"
  /**
   * `append`: the stream does not stand at the seq that `after` names. Of a conversation: it has changed since
   * it was loaded.
   */
  | "CONFLICT"
  /** `readFrom`: the stream was deleted, expired or re-created while it was being followed. */
  | "EXPIRED"
  /** `readFrom`: chunks that were acknowledged are gone (evicted, or rolled back by a failover). */
  | "LOST"
  /** A run log's writer, which keeps no lease, has been silent for too long. */
  | "ABANDONED"
  /** `readFrom`: not an integer >= 0, or past the last seq. */
  | "INVALID_CURSOR"
  /** The id does not match `^[A-Za-z0-9_.:-]{1,256}$`. */
  | "INVALID_ID"
  /** A chunk or an error text is not a string of well-formed UTF-16. */
  | "INVALID_CHUNK"
  /** A message is not an object with a `role` that can be written as JSON. */
  | "INVALID_MESSAGE"
  /** An option has the wrong type or is out of range. */
  | "INVALID_OPTION"
  /** A chunk or a conversation is too long, or the stream would hold too many chunks or bytes. */
  | "LIMIT"
  /**
   * The client or the server lacks something the store needs, and the message says the way out; or what is
   * stored is not of a kind that is known here, and stays as it is.
   */
  | "UNSUPPORTED"
  /** The store did not answer in time; `cause` is the last failure. */
  | "UNAVAILABLE";

export interface StreamErrorOptions {
  /** How the stream ended, on `NOT_ACTIVE`. */
  state?: StreamState | undefined;
  cause?: unknown;
}

/** The one error class of Streambed's stores. */
export class StreamError extends Error {
  override readonly name = "StreamError";
  readonly code: StreamErrorCode;
  /** How the stream ended, on `NOT_ACTIVE`. */
  readonly state: StreamState | undefined;

  constructor(code: StreamErrorCode, message: string, options: StreamErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.state = options.state;
  }

  /** Recognises a `StreamError`, also one from another copy of this package. */
  static is(value: unknown, code?: StreamErrorCode): value is StreamError {
    return (
      value instanceof Error &&
      value.name === "StreamError" &&
      "code" in value &&
      (code === undefined || value.code === code)
    );
  }
}
