import { randomUUID } from "node:crypto";
import type { StreamChunk } from "@streambed/core/contracts";
import { startRedis } from "@streambed/test-kit";
import type { RedisServer } from "@streambed/test-kit";
import fc from "fast-check";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRunLog, RedisRunLogStore } from "../src/index.ts";
import { message, readAll } from "./run-logs.ts";

/** Its own: what it counts are its commands. */
let server: RedisServer;
let redis: Redis;
beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

interface Ranges {
  calls: number;
  /** What they asked for, at most. */
  entries: number;
}

/** The ranges of streams that the server read meanwhile, in scripts. */
async function rangesOf(action: () => Promise<unknown>): Promise<Ranges> {
  const monitor = await redis.monitor();
  const ranges: Ranges = { calls: 0, entries: 0 };
  const end = randomUUID();
  const { promise: isOver, resolve: over } = Promise.withResolvers<void>();
  monitor.on("monitor", (_: string, [name, ...args]: string[]) => {
    if (args[0] === end) over();
    if (!/^xrev?range$/i.test(name!)) return;
    ranges.calls++;
    ranges.entries += Number(args.at(-1));
  });
  await action();
  await redis.echo(end);
  await isOver;
  monitor.disconnect();
  return ranges;
}

interface Shape {
  /** Entries that share a millisecond, and the pause before them. */
  batches: readonly { count: number; pauseMs: number }[];
  /** Entries gone from the front. */
  trimmed: number;
  /** With a meta of ours, or without one. */
  isOurs: boolean;
  /** Entries of somebody else behind our end. */
  strays: number;
}

const START_MS = 1_700_000_000_000;

/** Makes a log of this shape, complete. Resolves to how many entries it had before it was trimmed. */
async function makeLog(key: string, { batches, trimmed, isOurs, strays }: Shape): Promise<number> {
  const pipeline = redis.pipeline();
  let ms = START_MS;
  let seq = 0;
  const total = batches.reduce((sum, { count }) => sum + count, 0);
  let lastId = "";
  for (const { count, pauseMs } of batches) {
    ms += pauseMs + 1;
    for (let i = 0; i < count; i++) {
      lastId = `${ms}-${i}`;
      const fields = ["seq_id", ++seq, "data", message(`m${seq}`), "timestamp", ms];
      pipeline.xadd(key, lastId, ...fields, ...(seq === total ? ["complete", "true"] : []));
    }
  }
  const behind = isOurs ? strays : 0;
  for (let i = 1; i <= behind; i++) {
    pipeline.xadd(key, `${ms + i}-0`, "seq_id", i, "data", "data: stray\n\n", "complete", "true");
  }
  pipeline.xtrim(key, "MAXLEN", total + behind - trimmed);
  if (isOurs) {
    const status = { state: "done", totalChunks: total, markers: 0, bytes: 14 * total };
    const meta = { ...status, epoch: randomUUID(), ttl: 300, lastId };
    pipeline.set(`{${key}}:meta`, JSON.stringify(meta));
  }
  await pipeline.exec();
  return total;
}

const shapes: fc.Arbitrary<Shape> = fc.record({
  batches: fc.array(
    fc.record({
      count: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 60 })),
      pauseMs: fc.constantFrom(0, 0, 1, 7, 1_000, 3_600_000),
    }),
    { minLength: 1, maxLength: 25 },
  ),
  trimmed: fc.oneof(fc.constant(0), fc.nat(40)),
  isOurs: fc.boolean(),
  strays: fc.nat(2),
});

const from = (seq: number, to: number): StreamChunk[] =>
  Array.from({ length: to - seq + 1 }, (_, i) => ({ seq: seq + i, data: message(`m${seq + i}`) }));

it("any cursor and any batchSize give what is behind the cursor, or LOST", async () => {
  await fc.assert(
    fc.asyncProperty(
      shapes,
      fc.array(
        fc.tuple(
          fc.double({ min: 0, max: 1, noNaN: true }),
          fc.constantFrom(1, 2, 3, 7, 50, 1_000),
        ),
        {
          minLength: 4,
          maxLength: 4,
        },
      ),
      async (shape, reads) => {
        const prefix = `seek:${randomUUID()}`;
        const length = shape.batches.reduce((sum, { count }) => sum + count, 0);
        const trimmed = Math.min(shape.trimmed, length - 1);
        const total = await makeLog(`${prefix}:r`, { ...shape, trimmed });
        // The seams, and anywhere.
        const cursors = reads.map(([part, batchSize]) => ({
          after: Math.round(part * total),
          batchSize,
        }));
        const seams = [trimmed - 1, trimmed, trimmed + 1].filter((at) => at >= 0 && at <= total);
        const asked = [...cursors, ...seams.map((after) => ({ after, batchSize: 3 }))];
        await Promise.all(
          asked.map(async ({ after, batchSize }) => {
            const reader = readRunLog(redis, "r", { prefix, startingAfter: after, batchSize });
            const what = { after, batchSize, trimmed, total };
            if (after < trimmed) {
              await expect(readAll(reader), JSON.stringify(what)).rejects.toMatchObject({
                code: "LOST",
              });
            } else {
              const { chunks, end } = await readAll(reader);
              expect(chunks, JSON.stringify(what)).toEqual(from(after + 1, total));
              expect(end).toEqual({ state: "done", totalChunks: total });
            }
          }),
        );
      },
    ),
    { numRuns: 40 },
  );
});

describe.each([
  ["ours", true],
  ["somebody else's", false],
])("a long log, %s", (_, isOurs) => {
  /** Some seconds of bursts and single entries. */
  const batchesOf = (entries: number): Shape["batches"] =>
    Array.from({ length: entries / 10 }, (_unused, i) =>
      i % 2 === 0 ? { count: 19, pauseMs: 30 } : { count: 1, pauseMs: 400 },
    );

  it("is replayed in pages, each for a few ranges, however long it is", async () => {
    const costs: Ranges[] = [];
    for (const entries of [6_000, 12_000]) {
      const prefix = `seek:${randomUUID()}`;
      await makeLog(`${prefix}:r`, { batches: batchesOf(entries), trimmed: 0, isOurs, strays: 0 });
      const cost = await rangesOf(async () => {
        const { chunks } = await readAll(readRunLog(redis, "r", { prefix }));
        expect(chunks).toEqual(from(1, entries));
      });
      // A hundred entries a page, and the search for its begin: the log of the milliseconds, and no more.
      expect(cost.calls / (entries / 100)).toBeLessThan(30);
      expect(cost.entries / entries).toBeLessThan(3);
      costs.push(cost);
    }
    expect(costs[1]!.calls / costs[0]!.calls).toBeLessThan(2.4);
    expect(costs[1]!.entries / costs[0]!.entries).toBeLessThan(2.4);
  });

  it("costs no search at its end, where readers follow", async () => {
    const prefix = `seek:${randomUUID()}`;
    await makeLog(`${prefix}:r`, { batches: batchesOf(6_000), trimmed: 0, isOurs, strays: 0 });
    const { calls, entries } = await rangesOf(async () => {
      const reader = readRunLog(redis, "r", { prefix, startingAfter: 5_990 });
      expect((await readAll(reader)).chunks).toEqual(from(5_991, 6_000));
    });
    expect(calls).toBeLessThanOrEqual(8);
    expect(entries).toBeLessThanOrEqual(30);
  });

  it("is found from anywhere, by readers and by a store", async () => {
    const prefix = `seek:${randomUUID()}`;
    await makeLog(`${prefix}:r`, { batches: batchesOf(12_000), trimmed: 0, isOurs, strays: 0 });
    const store = new RedisRunLogStore(redis, { prefix });
    for (const after of [0, 1, 18, 19, 20, 5_999, 11_799, 11_800, 11_999, 12_000]) {
      const reader = readRunLog(redis, "r", { prefix, startingAfter: after });
      expect((await readAll(reader)).chunks).toEqual(from(after + 1, 12_000));
      const { chunks } = await readAll(store.readFrom("r", after));
      expect(chunks.map(({ seq }) => seq)).toEqual(from(after + 1, 12_000).map(({ seq }) => seq));
    }
  });
});
