import { StreamError } from "@streambed/core/contracts";
import type { StreamState, StreamStatus } from "@streambed/core/contracts";

/** The JSON under a status key. Other libraries write the first three; the rest are ours. */
export interface StoredStatus {
  state: StreamState;
  totalChunks: number;
  error?: string | undefined;
  /** Random per create; empty in what another library wrote. */
  epoch?: string | undefined;
  writer?: string | undefined;
  /** The last applied append. */
  op?: string | undefined;
  /** Milliseconds. */
  lease?: number | undefined;
  /** On the server's clock, in milliseconds since 1970. */
  leaseUntil?: number | undefined;
  /** Seconds. */
  ttl?: number | undefined;
  /** The channel on which changes are announced; absent if they are not. */
  notify?: string | undefined;
  /** 1 if that is a shard channel, absent if it is a plain one. */
  sharded?: number | undefined;
  /** UTF-8 bytes of all chunks. */
  bytes?: number | undefined;
  /** How many of the list of asks for room `bytes` and `taken` count; absent where one writer alone writes. */
  asks?: number | undefined;
  /** Chunks for which there was room. */
  taken?: number | undefined;
}

const STATES: readonly unknown[] = ["active", "done", "stopped", "error"] satisfies StreamState[];

/** @throws StreamError `UNSUPPORTED` if the key holds something else */
export function parseStatus(json: string): StoredStatus {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    value = undefined;
  }
  if (!isStatus(value)) {
    throw new StreamError(
      "UNSUPPORTED",
      "the status key holds something that is no stream's status",
    );
  }
  return value;
}

/** The part of a stored status that readers are told. */
export function toStreamStatus({ state, totalChunks, error }: StoredStatus): StreamStatus {
  return state === "error" ? { state, error: error ?? "", totalChunks } : { state, totalChunks };
}

function isStatus(value: unknown): value is StoredStatus {
  return (
    typeof value === "object" &&
    value !== null &&
    "state" in value &&
    STATES.includes(value.state) &&
    "totalChunks" in value &&
    Number.isSafeInteger(value.totalChunks)
  );
}
