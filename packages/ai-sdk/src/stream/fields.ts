import { HttpError } from "../http.ts";

/** The body of a request. */
export type JsonBody = Record<string, unknown>;

/** @throws HttpError 400 unless it is a string with more than white space */
export function requiredText(body: JsonBody, name: string): string {
  const text = optionalString(body, name);
  if (text === undefined || text.trim() === "") {
    throw new HttpError(400, `${name} must be a string with more than white space`);
  }
  // A surrogate without its other half becomes U+FFFD here: providers refuse it, or choke on it.
  return text.toWellFormed();
}

/** @throws HttpError 400 if it is there, and no string */
export function optionalText(body: JsonBody, name: string): string | undefined {
  return optionalString(body, name)?.toWellFormed();
}

/** As it stands, for keys and ids. @throws HttpError 400 if it is there, and no string */
export function optionalString(body: JsonBody, name: string): string | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw new HttpError(400, `${name} must be a string`);
  return value;
}

/** @throws HttpError 400 if it is there, and no integer from 1 to `most` */
export function optionalCount(body: JsonBody, name: string, most: number): number | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= most) {
    return value as number;
  }
  throw new HttpError(400, `${name} must be an integer from 1 to ${most}`);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
