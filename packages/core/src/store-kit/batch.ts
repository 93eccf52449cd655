import { StreamError } from "../contracts/stream-error.ts";
import type { StreamLimits } from "../contracts/stream-store.ts";
import { assertText } from "./validate.ts";

/** What one append would store. Nothing in it is the caller's to change. */
export interface Batch {
  chunks: readonly string[];
  /** UTF-8 bytes of all chunks. */
  bytes: number;
}

/**
 * Checks and copies the chunks of one append, before anything is sent or stored.
 *
 * @throws StreamError `INVALID_CHUNK`, `LIMIT`
 */
export function toBatch(
  chunks: string | readonly string[],
  limits: Required<Record<keyof StreamLimits, number>>,
): Batch {
  if (typeof chunks !== "string" && !Array.isArray(chunks)) {
    throw new StreamError("INVALID_CHUNK", "chunks must be a string or an array of strings");
  }
  // A copy: the caller may go on using theirs. A hole in a sparse array becomes `undefined`.
  const copy: readonly string[] = typeof chunks === "string" ? [chunks] : [...chunks];
  let bytes = 0;
  for (const chunk of copy) {
    const size = sizeOf(chunk);
    if (size > limits.maxChunkBytes) {
      throw new StreamError(
        "LIMIT",
        `a chunk of ${size} bytes is over maxChunkBytes (${limits.maxChunkBytes})`,
      );
    }
    bytes += size;
  }
  return { chunks: copy, bytes };
}

/** @throws StreamError `CONFLICT`, `LIMIT` if `batch` does not fit behind what the stream holds */
export function assertFits(
  batch: Batch,
  held: { chunks: number; bytes: number },
  limits: Required<Record<keyof StreamLimits, number>>,
  after?: number,
): void {
  if (batch.chunks.length === 0) return;
  if (after !== undefined && after !== held.chunks) {
    const message = `the chunks belong behind seq ${after}, and the stream stands at ${held.chunks}`;
    throw new StreamError("CONFLICT", message);
  }
  if (held.chunks + batch.chunks.length > limits.maxChunks) {
    throw new StreamError("LIMIT", `the stream would exceed maxChunks (${limits.maxChunks})`);
  }
  if (held.bytes + batch.bytes > limits.maxBytes) {
    throw new StreamError("LIMIT", `the stream would exceed maxBytes (${limits.maxBytes})`);
  }
}

function sizeOf(chunk: unknown): number {
  const size = typeof chunk === "string" ? utf8Length(chunk) : undefined;
  // Says what is wrong with it.
  if (size === undefined) assertText(chunk, "a chunk");
  return size!;
}

/** UTF-8 bytes of a string, without encoding it; undefined if it is not well-formed UTF-16. */
export function utf8Length(text: string): number | undefined {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    if (unit < 0x800) {
      bytes += 1;
    } else if (unit < 0xd800 || unit > 0xdfff) {
      bytes += 2;
    } else {
      const isPair = unit <= 0xdbff && (text.charCodeAt(++i) & 0xfc00) === 0xdc00;
      if (!isPair) return undefined;
      // Two units, four bytes.
      bytes += 2;
    }
  }
  return bytes;
}
