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
  return toJson(
    format === "both"
      ? { message, enqueuedAt, expiresAt, enqueued_at: enqueuedAt, expires_at: expiresAt }
      : { message, enqueuedAt, expiresAt },
  );
}

/** An entry in either spelling, undefined if it is none. */
export function decodeEntry(json: string): QueueEntry | undefined {
  const value = parseJson(json)?.value;
  if (typeof value !== "object" || value === null) return undefined;
  const entry = value as Record<string, unknown>;
  const enqueuedAt = entry["enqueuedAt"] ?? entry["enqueued_at"];
  const expiresAt = entry["expiresAt"] ?? entry["expires_at"];
  const { message } = entry;
  const isMessage = typeof message === "object" && message !== null;
  if (typeof enqueuedAt !== "number" || typeof expiresAt !== "number" || !isMessage) {
    return undefined;
  }
  // A plain object: the Chat SDK makes a message of it.
  return { message: message as QueueEntry["message"], enqueuedAt, expiresAt };
}
