import { StreamError } from "@streambed/core/contracts";
import type { StreamState } from "@streambed/core/contracts";
import type { ScriptReply } from "@streambed/redis-driver";

/** The first element of every script's reply (lua/lib/stream.lua). */
export const REPLY = {
  OK: 1,
  NOT_FOUND: -1,
  EXISTS: -2,
  NOT_ACTIVE: -3,
  FENCED: -4,
  LIMIT: -5,
  LOST: -6,
  FOREIGN: -7,
  CONFLICT: -8,
  ABANDONED: -9,
} as const;

/** What a script said instead of OK, as the error that it means. */
export function toStreamError(id: string, [code, detail]: ScriptReply): StreamError {
  switch (code) {
    case REPLY.NOT_FOUND:
      return new StreamError("NOT_FOUND", `there is no stream ${id}`);
    case REPLY.EXISTS:
      return new StreamError("ALREADY_EXISTS", `the stream ${id} exists`);
    case REPLY.NOT_ACTIVE:
      return notActive(id, detail as StreamState);
    case REPLY.FENCED:
      return new StreamError("FENCED", `the stream ${id} belongs to another writer`);
    case REPLY.LIMIT:
      return new StreamError("LIMIT", `the stream ${id} would exceed ${detail}`);
    case REPLY.LOST:
      return new StreamError("LOST", `chunks of the stream ${id} are gone`);
    case REPLY.FOREIGN:
      return new StreamError("UNSUPPORTED", `the keys of ${id} hold something that is no stream`);
    case REPLY.CONFLICT:
      return new StreamError("CONFLICT", `the stream ${id} stands at seq ${detail}`);
    case REPLY.ABANDONED:
      return new StreamError("ABANDONED", `the writer of ${id} has been silent for too long`);
    default:
      return new StreamError(
        "UNSUPPORTED",
        `a script replied ${String(code)}: is this its server?`,
      );
  }
}

export function notActive(id: string, state: StreamState): StreamError {
  return new StreamError("NOT_ACTIVE", `the stream ${id} has ended: ${state}`, { state });
}
