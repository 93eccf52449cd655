import { StreamError } from "../contracts/stream-error.ts";
import type { StreamErrorCode } from "../contracts/stream-error.ts";

/** The HTTP status of each failure. */
const HTTP_STATUS: Record<StreamErrorCode, number> = {
  INVALID_ID: 400,
  INVALID_CURSOR: 400,
  INVALID_CHUNK: 400,
  INVALID_MESSAGE: 400,
  INVALID_OPTION: 400,
  NOT_FOUND: 404,
  EXPIRED: 404,
  ALREADY_EXISTS: 409,
  NOT_ACTIVE: 409,
  FENCED: 409,
  CONFLICT: 409,
  LOST: 410,
  ABANDONED: 410,
  LIMIT: 413,
  UNSUPPORTED: 500,
  UNAVAILABLE: 503,
};

/** A failed stream operation as a response: `{"error": message, "code": code}`. Rethrows anything else. */
export function toErrorResponse(error: unknown): Response {
  if (!StreamError.is(error)) throw error;
  const { message, code } = error;
  return Response.json({ error: message, code }, { status: HTTP_STATUS[code] ?? 500 });
}
