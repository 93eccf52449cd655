import { RespError, type RespValue } from "./resp-parser.ts";

/** One command's outcome as Upstash's REST interface words it. */
export type UpstashReply = { result: unknown } | { error: string };

/**
 * @param base64 the client asked for `upstash-encoding: base64`: every string is encoded, nested ones too,
 *   but neither the reply `OK` nor errors. Otherwise bytes that are not UTF-8 are lost.
 */
export function toUpstashReply(value: RespValue, base64: boolean): UpstashReply {
  if (value instanceof RespError) return { error: value.message };
  if (value === "OK") return { result: "OK" };
  return { result: toJson(value, base64) };
}

function toJson(value: RespValue, base64: boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => toJson(item, base64));
  if (typeof value !== "string" && !Buffer.isBuffer(value) && !(value instanceof RespError))
    return value;
  const bytes = Buffer.from(value instanceof RespError ? value.message : value);
  return bytes.toString(base64 ? "base64" : "utf8");
}
