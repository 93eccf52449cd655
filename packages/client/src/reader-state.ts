import type { StreamClientError } from "./stream-client-error.ts";

/** How a stream ended well enough for a reader to return. */
export interface StreamEnd {
  /** `done`: the whole answer is there. `stopped`: somebody stopped it, and what was stored before is there. */
  state: "done" | "stopped";
}

/** Where a reader stands, for a UI. */
export type ReaderState =
  | { phase: "connecting" }
  | { phase: "streaming" }
  /** The connection is gone, the answer is not. `cause` is why; another attempt follows by itself. */
  | { phase: "reconnecting"; cause: unknown }
  | { phase: "ended"; end: "done" | "stopped" }
  /** With code `FAILED` the answer's own end is an error; with any other this reader cannot go on. */
  | { phase: "ended"; end: "error"; error: StreamClientError };

/** Where something stands that may have nothing to read: before it was asked, or when it was left. */
export type DurableState = ReaderState | { phase: "idle" };
