import { toErrorResponse } from "@streambed/core";

/** A request that cannot be served, and why. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** `{"error": message}` */
export function errorResponse(
  status: number,
  error: string,
  headers: Record<string, string> = {},
): Response {
  return Response.json({ error }, { status, headers });
}

/** What went wrong as a response. Rethrows what is neither the request's fault nor the store's. */
export function toResponse(error: unknown): Response {
  return error instanceof HttpError
    ? errorResponse(error.status, error.message)
    : toErrorResponse(error);
}
