/** Every way in which reading, starting or stopping a stream can fail for good. Branch on this, never on a message. */
export type StreamClientErrorCode =
  /** The answer itself ended with an error; the message is its text. What came before it is all there is. */
  | "FAILED"
  /** There is no such stream, or no more: 404, or it expired while it was read. */
  | "NOT_FOUND"
  /** Chunks that were stored are gone. */
  | "LOST"
  /** 401 or 403. */
  | "DENIED"
  /** Any other answer that asking again does not change; `status` says which. */
  | "REFUSED"
  /** What came is not a stream of Streambed: a web page, an event without its seq. */
  | "PROTOCOL"
  /** The server or the network did not come back; `cause` is the last failure. */
  | "UNAVAILABLE";

export interface StreamClientErrorOptions {
  /** The HTTP status, where one was the reason. */
  status?: number | undefined;
  cause?: unknown;
}

/** Whether there is nothing more to come: what cannot be reached, or may not be read, may be later. */
export function isFinal({ code }: StreamClientError): boolean {
  return code === "FAILED" || code === "NOT_FOUND" || code === "LOST";
}

/** The one error class of this package. */
export class StreamClientError extends Error {
  override readonly name = "StreamClientError";
  readonly code: StreamClientErrorCode;
  /** The HTTP status, where one was the reason. */
  readonly status: number | undefined;

  constructor(
    code: StreamClientErrorCode,
    message: string,
    options: StreamClientErrorOptions = {},
  ) {
    super(message, options);
    this.code = code;
    this.status = options.status;
  }

  /** Recognises a `StreamClientError`, also one from another copy of this package. */
  static is(value: unknown, code?: StreamClientErrorCode): value is StreamClientError {
    const isOne = value instanceof Error && value.name === "StreamClientError";
    return isOne && (!code || (value as StreamClientError).code === code);
  }
}
