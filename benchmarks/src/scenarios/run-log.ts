import { setTimeout as sleep } from "node:timers/promises";
import { RunLogWriter, readRunLog } from "@streambed/redis-run-log";
import { RedisStreamStore } from "@streambed/redis-stream-store";
import type { Redis } from "ioredis";
import { requestsOf } from "../kit/ground.ts";
import type { Ground } from "../kit/ground.ts";
import { percentile, short } from "../kit/measure.ts";
import type { Figure, Scenario } from "../kit/scenario.ts";
import { msSince, stamp } from "../kit/stamp.ts";

const RUNS = 100;
const PACE = 200;
const SECONDS = 5;
const FLUSH_INTERVAL_MS = 500;
/** Slower than a flush fills up: then the interval decides. */
const SLOW_PACE = 20;
const FAST_PACE = 100;
const WARM_UP = 100;

export const scenario: Scenario = {
  question: "What does a run log cost, and how long after it was written is a chunk read?",
  workload: `${RUNS} runs at ${PACE} chunks/s for ${SECONDS} s, each with a reader on another connection, by push; one run at ${SLOW_PACE} chunks/s, and one at ${FAST_PACE} without batching, in turn with a stream`,
  async run(ground) {
    return [...(await requests(ground)), await batched(ground), await unbatched(ground)];
  },
};

async function requests(ground: Ground): Promise<Figure[]> {
  const [writes, reads] = await Promise.all([ground.proxy(), ground.proxy()]);
  const reading = await ground.connect(reads.url);
  const writer = new RunLogWriter(await ground.connect(writes.url), { push: true });
  const ids = Array.from({ length: RUNS }, (_, i) => `many-${i}`);
  await Promise.all(ids.map((id) => writer.writeChunk(id, eventOf("first"))));

  const counts = Promise.all(ids.map((id) => countOf(reading, id)));
  await sleep(500);
  writes.resetCounts();
  reads.resetCounts();
  await paced(PACE, PACE * SECONDS, () =>
    Promise.all(ids.map((id) => writer.writeChunk(id, eventOf(stamp())))),
  );
  await Promise.all(ids.map((id) => writer.markComplete(id)));
  const written = RUNS * PACE * SECONDS;
  // The first chunk, and the mark of the end.
  const missed = (await counts).reduce((sum, count) => sum + written / RUNS + 2 - count, 0);
  const baseline = `${written} chunks`;
  return [
    {
      name: "requests of the writer for 1,000 chunks",
      value: (1_000 * requestsOf(writes)) / written,
      bar: { atMost: 50 },
      baseline,
    },
    {
      name: "requests of the readers for 1,000 chunks",
      value: (1_000 * requestsOf(reads)) / written,
      baseline,
    },
    { name: "chunks that a reader missed", value: missed, bar: { atMost: 0 }, baseline },
  ];
}

async function batched(ground: Ground): Promise<Figure> {
  const writer = new RunLogWriter(await ground.connect(), { push: true });
  const id = "slow";
  await writer.writeChunk(id, eventOf(stamp()));
  const delays = delaysOf(await ground.connect(), id);
  await paced(SLOW_PACE, SLOW_PACE * 10, () => writer.writeChunk(id, eventOf(stamp())));
  await writer.markComplete(id);
  const values = await delays;
  return {
    name: "batched, the slowest chunk",
    value: Math.max(...values),
    unit: "ms",
    bar: { atMost: FLUSH_INTERVAL_MS + 50 },
    baseline: `flushed every ${FLUSH_INTERVAL_MS} ms, p50 ${short(percentile(values, 50))} ms`,
  };
}

/** A run log without batching and a stream, chunk by chunk in turn. */
async function unbatched(ground: Ground): Promise<Figure> {
  const writing = await ground.connect();
  const store = new RedisStreamStore(writing, { push: true });
  const logged = new RunLogWriter(writing, { flushIntervalMs: 0, push: true });
  await logged.writeChunk("fast", eventOf(stamp()));
  await store.create("fast", { writer: "w" });

  const runs = delaysOf(await ground.connect(), "fast");
  const streams = streamDelaysOf(await ground.connect(), "fast");
  await sleep(500);
  await paced(FAST_PACE, 1_000 + WARM_UP, async (i) => {
    if (i % 2 === 0) await logged.writeChunk("fast", eventOf(stamp()));
    else await store.append("fast", stamp(), { writer: "w" });
  });
  await Promise.all([logged.markComplete("fast"), store.complete("fast")]);
  const [ours, theirs] = (await Promise.all([runs, streams])).map((all) => all.slice(WARM_UP / 2));
  return {
    name: "not batched, p50 against a stream",
    value: percentile(ours!, 50) / percentile(theirs!, 50),
    unit: "×",
    bar: { atMost: 1.2 },
    baseline: `a chunk of a stream by push: p50 ${short(percentile(theirs!, 50))} ms`,
  };
}

/** Calls `write` so many times a second. */
async function paced(
  pace: number,
  count: number,
  write: (i: number) => Promise<unknown>,
): Promise<void> {
  const startedAt = performance.now();
  for (let i = 0; i < count; i++) {
    await write(i);
    await sleep(Math.max(0, startedAt + ((i + 1) * 1_000) / pace - performance.now()));
  }
}

async function countOf(redis: Redis, id: string): Promise<number> {
  let count = 0;
  for await (const { seq } of readRunLog(redis, id, { push: true })) if (seq === count + 1) count++;
  return count;
}

async function delaysOf(redis: Redis, id: string): Promise<number[]> {
  const delays: number[] = [];
  for await (const { data } of readRunLog(redis, id, { push: true })) {
    const [, stamped] = /^data: (?!\[)(.*)/.exec(data) ?? [];
    if (stamped !== undefined) delays.push(msSince(stamped));
  }
  return delays.slice(1);
}

async function streamDelaysOf(redis: Redis, id: string): Promise<number[]> {
  const delays: number[] = [];
  const store = new RedisStreamStore(redis, { push: true });
  for await (const { data } of store.readFrom(id, 0)) delays.push(msSince(data));
  return delays;
}

function eventOf(text: string): string {
  return `data: ${text}\n\n`;
}
