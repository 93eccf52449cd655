import { HttpError } from "./http.ts";

/** The body of `POST /stream`. */
export interface StreamRequest {
  prompt: string;
  system: string | undefined;
  /** A key of `models`. */
  model: string | undefined;
  sessionId: string | undefined;
}

/** @throws HttpError 400 */
export function parseStreamRequest(body: Record<string, unknown>): StreamRequest {
  const prompt = optionalString(body, "prompt");
  if (prompt === undefined || prompt.trim() === "") {
    throw new HttpError(400, "prompt must be a string with more than white space");
  }
  return {
    // A surrogate without its other half becomes U+FFFD here: providers refuse it, or choke on it.
    prompt: prompt.toWellFormed(),
    system: optionalString(body, "system")?.toWellFormed(),
    model: optionalString(body, "model"),
    sessionId: optionalString(body, "sessionId"),
  };
}

/** The id in the body of `POST /stream/stop`. @throws HttpError 400 */
export function parseStopRequest(body: Record<string, unknown>): string {
  const id = optionalString(body, "id");
  if (id === undefined) throw new HttpError(400, "id must be a string");
  return id;
}

function optionalString(body: Record<string, unknown>, name: string): string | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw new HttpError(400, `${name} must be a string`);
  return value;
}
