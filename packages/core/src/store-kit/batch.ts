import { StreamError } from "../contracts/stream-error.ts";
import type { StreamLimits } from "../contracts/stream-store.ts";
import { assertText } from "./validate.ts";

/** What one append would store. */
export interface Batch {
  chunks: readonly string[];
  /** UTF-8 bytes of all chunks. */
  bytes: number;
}

/**
 * Checks the chunks of one append, before anything is sent or stored.
 *
 * @throws StreamError `INVALID_CHUNK`, `LIMIT`
 */
export function toBatch(
  chunks: string | readonly string[],
  limits: Required<Record<keyof StreamLimits, number>>,
): Batch {
  const list = typeof chunks === "string" ? [chunks] : chunks;
  if (!Array.isArray(list)) {
    throw new StreamError("INVALID_CHUNK", "chunks must be a string or an array of strings");
  }
  let bytes = 0;
  // By index: a hole in a sparse array must not slip through.
  for (let i = 0; i < list.length; i++) {
    const chunk: unknown = list[i];
    assertText(chunk, "a chunk");
    const size = utf8Length(chunk);
    if (size > limits.maxChunkBytes) {
      throw new StreamError(
        "LIMIT",
        `a chunk of ${size} bytes is over maxChunkBytes (${limits.maxChunkBytes})`,
      );
    }
    bytes += size;
  }
  return { chunks: list as readonly string[], bytes };
}

/** @throws StreamError `LIMIT` if `batch` does not fit behind what the stream holds */
export function assertFits(
  batch: Batch,
  held: { chunks: number; bytes: number },
  limits: Required<Record<keyof StreamLimits, number>>,
): void {
  if (batch.chunks.length === 0) return;
  if (held.chunks + batch.chunks.length > limits.maxChunks) {
    throw new StreamError("LIMIT", `the stream would exceed maxChunks (${limits.maxChunks})`);
  }
  if (held.bytes + batch.bytes > limits.maxBytes) {
    throw new StreamError("LIMIT", `the stream would exceed maxBytes (${limits.maxBytes})`);
  }
}

/** UTF-8 bytes of a well-formed string, without encoding it. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    // A surrogate pair is two units and four bytes: two a unit, like U+0080 to U+07FF.
    bytes += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
  }
  return bytes;
}
