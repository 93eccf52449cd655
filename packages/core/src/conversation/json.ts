import { StreamError } from "../contracts/stream-error.ts";

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @throws StreamError `INVALID_MESSAGE` if `value` is circular, nests too deep, or holds a bigint */
export function toJson(value: unknown, what: string): string {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw new StreamError("INVALID_MESSAGE", `${what} cannot be written as JSON`, { cause });
  }
}

/** What JSON keeps of `value`, of which nothing is the caller's to change. @throws StreamError `INVALID_MESSAGE` */
export function toRecord<T extends object>(value: T, what: string): T {
  const json = toJson(value, what) as string | undefined;
  const copy: unknown = json === undefined ? undefined : JSON.parse(json);
  if (!isRecord(copy)) throw new StreamError("INVALID_MESSAGE", `${what} must be an object`);
  return Object.freeze(copy) as T;
}
