import { assertFits } from "@streambed/core/store-kit";
import type { Batch } from "@streambed/core/store-kit";
import type { EightMethodClient } from "@streambed/redis-driver";

/** Bounds of one stream, none left out. */
export type Limits = Parameters<typeof assertFits>[2];

/** What chunks take of a stream's limits. */
interface Taken {
  chunks: number;
  /** UTF-8. */
  bytes: number;
}

/** Counts of a status: what was taken after so many asks. */
export interface RoomCount {
  asks: number;
  taken: number;
  bytes: number;
}

/**
 * Asks for room for a batch, in a stream that anyone may write to. Racing writers do not see each other's
 * chunks coming, but RPUSH puts what they ask for into an order, and in that order everybody finds the
 * same asks to fit. What an append took that fails later stays taken.
 *
 * @param list key of the list of asks
 * @param count any that was true of this stream; the newer, the fewer asks are read
 * @returns the count with this batch
 * @throws StreamError `LIMIT`
 */
export async function takeRoom(
  redis: EightMethodClient,
  list: string,
  count: RoomCount,
  batch: Batch,
  limits: Limits,
): Promise<RoomCount> {
  const asks = await redis.rpush(list, `${batch.chunks.length} ${batch.bytes}`);
  const since = await redis.lrange(list, count.asks, asks - 1);
  const before = { chunks: count.taken, bytes: count.bytes };
  // The last of them is this one.
  const taken = countAsks(before, since.slice(0, -1), limits);
  assertFits(batch, taken, limits);
  return {
    asks,
    taken: taken.chunks + batch.chunks.length,
    bytes: taken.bytes + batch.bytes,
  };
}

/** What is taken after these asks. One for which there is no room takes none. */
function countAsks(taken: Taken, asks: readonly string[], { maxChunks, maxBytes }: Limits): Taken {
  let { chunks, bytes } = taken;
  for (const ask of asks) {
    const [moreChunks = 0, moreBytes = 0] = ask.split(" ").map(Number);
    if (chunks + moreChunks > maxChunks || bytes + moreBytes > maxBytes) continue;
    chunks += moreChunks;
    bytes += moreBytes;
  }
  return { chunks, bytes };
}
