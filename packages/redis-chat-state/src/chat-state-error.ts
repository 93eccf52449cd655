/** Every way in which the adapter itself can fail. Branch on this, never on a message. */
export type ChatStateErrorCode =
  /** `connect` was not called, or `disconnect` was. */
  | "NOT_CONNECTED"
  /** Redis refused, or did not answer in time where nothing was to be written. */
  | "UNAVAILABLE"
  /** Redis did not answer in time, and what was to be written may have been, or not. */
  | "UNKNOWN_OUTCOME"
  /** The client or the server lacks something, and the message says the way out; or a key holds something else. */
  | "UNSUPPORTED"
  /** An option or a number is out of range. Nothing was sent. */
  | "INVALID_OPTION"
  /** A value that cannot be written as JSON, or an id that is no string. Nothing was sent. */
  | "INVALID_VALUE";

/** The one error class of this adapter. */
export class ChatStateError extends Error {
  override readonly name = "ChatStateError";
  readonly code: ChatStateErrorCode;

  constructor(code: ChatStateErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }

  /** Recognises a `ChatStateError`, also one from another copy of this package. */
  static is(value: unknown, code?: ChatStateErrorCode): value is ChatStateError {
    return (
      value instanceof Error &&
      value.name === "ChatStateError" &&
      "code" in value &&
      (code === undefined || value.code === code)
    );
  }
}
