import type { QueueEntry } from "chat";
import { ChatStateError } from "./chat-state-error.ts";
import { parseJson, toJson } from "./json.ts";

/** Whose spelling of an entry is written: the TypeScript adapters', or that and Python's. */
export type QueueFormat = "typescript" | "both";

/** An entry as its readers know it. The order of the members is that of the TypeScript adapters. */
export function encodeEntry(entry: QueueEntry, format: QueueFormat): string {
  const { message, enqueuedAt, expiresAt } = entry;
  for (const [name, value] of Object.entries({ enqueuedAt, expiresAt })) {
    if (!Number.isFinite(value)) {
      throw new ChatStateError("INVALID_VALUE", `${name} of a queue entry must be a number`);
    }
  }
  const json = toJson(message);
  if (!/^[{[]/.test(json)) {
    throw new ChatStateError("INVALID_VALUE", "message of a queue entry must be an object");
  }
  const times =
    format === "both"
      ? { enqueuedAt, expiresAt, enqueued_at: enqueuedAt, expires_at: expiresAt }
      : { enqueuedAt, expiresAt };
  return `{"message":${json},${JSON.stringify(times).slice(1)}`;
}

/** An entry in either spelling, undefined if it is none. */
export function decodeEntry(json: string): QueueEntry | undefined {
  const value = parseJson(json)?.value;
  if (typeof value !== "object" || value === null) return undefined;
  const entry = value as Record<string, unknown>;
  const enqueuedAt = entry["enqueuedAt"] ?? entry["enqueued_at"];
  const expiresAt = entry["expiresAt"] ?? entry["expires_at"];
  const { message } = entry;
  if (typeof enqueuedAt !== "number" || typeof expiresAt !== "number" || !isMessage(message)) {
    return undefined;
  }
  return { message, enqueuedAt, expiresAt };
}

/** Read back it is a plain object, of which the Chat SDK makes a message. */
function isMessage(value: unknown): value is QueueEntry["message"] {
  return typeof value === "object" && value !== null;
}
