import { encodeSse } from "@streambed/core/codec";
import type { StreamEnd, StreamState } from "@streambed/core/contracts";

/** What Letta's server writes behind a run that went well, or was cancelled. */
export const DONE_ENTRY = "data: [DONE]\n\n";

/** How a run ends, and the entries that say so. Wherever a store takes a `StreamEnd`, a run log takes this. */
export interface RunEnd {
  state: Exclude<StreamState, "active">;
  /** Empty unless the state is `error`. */
  error: string;
  /** The last of them is the log's last. */
  entries: readonly string[];
  /** How many of them, the last ones, are no chunks of the answer. */
  markers: number;
}

/** An error as an entry: `event: error` and `{"error":{"message":…}}`. */
export function errorEntry(message: string, more: Record<string, string> = {}): string {
  return encodeSse({ event: "error", data: JSON.stringify({ ...more, error: { message } }) });
}

export function toRunEnd(end: StreamEnd | RunEnd | "stopped"): RunEnd {
  if (typeof end === "string") return { state: end, error: "", entries: [DONE_ENTRY], markers: 1 };
  if ("entries" in end) return end;
  return { state: "error", error: end.error, entries: [errorEntry(end.error)], markers: 1 };
}

const INCOMPLETE = "the source ended without a stop reason";

/** A source that just stopped, without a word on how it ended. */
export const INCOMPLETE_END: RunEnd = {
  state: "error",
  error: INCOMPLETE,
  entries: [errorEntry(INCOMPLETE, { error_type: "stream_incomplete" }), DONE_ENTRY],
  markers: 2,
};
