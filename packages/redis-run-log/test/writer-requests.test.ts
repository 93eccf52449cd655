import { setTimeout as sleep } from "node:timers/promises";
import { startRedis } from "@streambed/test-kit";
import type { RedisServer } from "@streambed/test-kit";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { TestContext } from "vitest";
import type { RunLogWriter } from "../src/index.ts";
import { pipeRun, readRunLog } from "../src/index.ts";
import { asEntries, chunksOf, DONE, setUpWriting, sse } from "./support-writing.ts";
import type { Writing } from "./support-writing.ts";

const RUNS = Array.from({ length: 100 }, (_, i) => `r${i}`);
const CHUNKS_EACH = 400;
const TOTAL = RUNS.length * CHUNKS_EACH;
/** Two each this often: 200 a second. */
const PAUSE_MS = 10;

/** Its own: another file's SCRIPT FLUSH would add requests. */
let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

function requests({ endpoint }: Writing): number {
  return Object.values(endpoint.proxy.counts).reduce((sum, count) => sum + count, 0);
}

/** Writes 400 chunks to each of a hundred runs, over one connection. */
async function writeAll(writer: RunLogWriter): Promise<void> {
  for (let n = 1; n <= CHUNKS_EACH; n += 2) {
    for (const run of RUNS) {
      await writer.writeChunk(run, sse(`chunk ${n}`));
      await writer.writeChunk(run, sse(`chunk ${n + 1}`));
    }
    await sleep(PAUSE_MS);
  }
  await Promise.all(RUNS.map((run) => writer.markComplete(run)));
}

async function expectWhole(on: Writing): Promise<void> {
  const expected = asEntries([...chunksOf(CHUNKS_EACH), DONE], { complete: true });
  for (const run of RUNS) expect(await on.entries(run)).toEqual(expected);
}

const setUp = (test: TestContext) => setUpWriting(test, { url: server.url });

it("a hundred runs with 200 chunks a second each cost at most 0.05 requests a chunk", async (test) => {
  const on = await setUp(test);
  await writeAll(on.writer());
  expect(requests(on)).toBeGreaterThan(RUNS.length);
  expect(requests(on) / TOTAL).toBeLessThanOrEqual(0.05);
  await expectWhole(on);
});

it("and no more with readers by push in another process", async (test) => {
  const on = await setUp(test);
  const away = await setUp(test);
  const followed = RUNS.slice(0, 5);
  const { prefix } = on;
  // The writer announces where it is told to.
  const writer = on.writer({ push: true });
  for (const run of RUNS) await writer.writeChunk(run, sse("first"));
  const readers = followed.map(async (run) => {
    const data: string[] = [];
    for await (const entry of readRunLog(away.client, run, { prefix, push: true })) {
      data.push(entry.data);
    }
    return data;
  });
  await sleep(100);
  on.endpoint.proxy.resetCounts();
  away.endpoint.proxy.resetCounts();
  await writeAll(writer);
  const all = [sse("first"), ...chunksOf(CHUNKS_EACH), DONE];
  expect(await Promise.all(readers)).toEqual(followed.map(() => all));
  expect(requests(away), "of the readers").toBeGreaterThan(5);
  expect((requests(on) + requests(away)) / TOTAL).toBeLessThanOrEqual(0.05);
});

it("piped runs share their flushes too, and a silent one costs next to nothing", async (test) => {
  const on = await setUp(test);
  const piped = await Promise.all(
    RUNS.map((runId) =>
      pipeRun({
        ...{ redis: on.client, prefix: on.prefix, runId },
        source: (async function* () {
          for (const chunk of chunksOf(100)) {
            yield chunk;
            await sleep(5);
          }
          yield DONE;
        })(),
      }),
    ),
  );
  const ends = await Promise.all(piped.map(({ finished }) => finished));
  expect(ends).toEqual(RUNS.map(() => ({ state: "done", totalChunks: 101 })));
  expect(requests(on) / (RUNS.length * 100)).toBeLessThanOrEqual(0.1);
});
