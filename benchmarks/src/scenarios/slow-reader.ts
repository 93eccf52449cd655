import { setTimeout as sleep } from "node:timers/promises";
import type { StreamChunk, StreamStatus } from "@streambed/core";
import { RedisStreamStore } from "@streambed/redis-stream-store";
import type { Ground } from "../kit/ground.ts";
import { short } from "../kit/measure.ts";
import { heldBytes } from "../kit/memory.ts";
import type { Figure, Scenario } from "../kit/scenario.ts";
import { token } from "../kit/tokens.ts";

const MIB = 2 ** 20;
const PAGE = 262_144;
const READERS = 50;
type Reader = AsyncGenerator<StreamChunk, StreamStatus>;

export const scenario: Scenario = {
  question: "How much memory does a reader hold that stands still?",
  workload: `${READERS} readers stand still at different places of a stream, while its writer in the same process stores more; bytes on the heap and off it, after garbage collection`,
  async run(ground) {
    return [
      await standStill(ground, {
        name: "64 MiB in chunks of 4 KiB",
        bytes: 4_096,
        total: 64 * MIB,
      }),
      await standStill(ground, { name: "1 MiB in tokens", bytes: 12, total: 1 * MIB }),
    ];
  },
};

interface Load {
  name: string;
  /** Of a chunk. */
  bytes: number;
  /** Of the stream. */
  total: number;
}

async function standStill(ground: Ground, { name, bytes, total }: Load): Promise<Figure> {
  const store = new RedisStreamStore(await ground.connect());
  const id = `of-${bytes}`;
  const chunks = Math.floor(total / bytes);
  const half = Math.floor(chunks / 2);
  const batch = Math.min(2_000, Math.floor(PAGE / bytes));
  const write = async (from: number, to: number): Promise<void> => {
    for (let at = from; at < to; at += batch) {
      const size = Math.min(batch, to - at);
      await store.append(
        id,
        Array.from({ length: size }, (_, i) => chunkOf(bytes, at + i)),
      );
    }
  };
  await store.create(id);
  await write(0, half);

  const readers = Array.from({ length: READERS }, () => store.readFrom(id, 0));
  // The first round warms up: it stands where the second does, and is let go.
  await advance(readers.slice(0, 5), half);
  await Promise.all(readers.splice(0, 5).map(leave));
  const before = await heldBytes();
  await advance(readers, half);
  await write(half, chunks);
  await sleep(500);
  const perReader = ((await heldBytes()) - before) / readers.length;
  await Promise.all(readers.map(leave));
  return {
    name: `held by a reader, ${name}`,
    value: perReader / 1_024,
    unit: "KiB",
    bar: { atMost: (2 * PAGE) / 1_024 },
    baseline: `${short(before / MIB)} MiB without them`,
  };
}

/** Reads on to places that lie evenly in the first `chunks` chunks. */
async function advance(readers: readonly Reader[], chunks: number): Promise<void> {
  for (const [i, reader] of readers.entries()) {
    const to = Math.max(1, Math.floor((chunks * (i + 0.5)) / readers.length));
    for (let seq = 0; seq < to;) {
      const next = await reader.next();
      if (next.done === true) throw new Error("the stream has ended");
      seq = next.value.seq;
    }
  }
}

async function leave(reader: Reader): Promise<void> {
  await reader.return({ state: "active", totalChunks: 0 });
}

/** No two are the same, so that none can be shared. */
function chunkOf(bytes: number, i: number): string {
  return `${i}${token(i)}`.padEnd(bytes, "streambed ").slice(0, bytes);
}
