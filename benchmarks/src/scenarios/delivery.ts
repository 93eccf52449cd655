import { fromChunk } from "@streambed/core/codec";
import { RedisStreamStore } from "@streambed/redis-stream-store";
import type { RedisStreamStoreOptions } from "@streambed/redis-stream-store";
import { spawnNode } from "@streambed/test-kit";
import type { Ground } from "../kit/ground.ts";
import { percentile, short } from "../kit/measure.ts";
import type { Figure, Scenario } from "../kit/scenario.ts";
import { msSince } from "../kit/stamp.ts";

const PACE = 100;
const WARM_UP = 200;
const PUSHED = 1_200;
const POLLED = 600;
const POLL_INTERVAL_MS = 50;

export const scenario: Scenario = {
  question: "How long after its source has it does another process get a chunk?",
  workload: `a child process writes ${PACE} chunks/s through the engine, and publishes as many bare messages in between; ${PUSHED} chunks with push, ${POLLED} with polling, ${WARM_UP} before that do not count`,
  async run(ground) {
    const push = await deliver(ground, "pushed", PUSHED, { push: true });
    const poll = await deliver(ground, "polled", POLLED, { pollIntervalMs: POLL_INTERVAL_MS });
    return [...pushFigures(push), pollFigure(poll)];
  },
};

interface Delays {
  chunks: number[];
  bare: number[];
}

async function deliver(
  ground: Ground,
  id: string,
  count: number,
  options: RedisStreamStoreOptions,
): Promise<Delays> {
  const { url } = ground.redis;
  const args = [url, id, JSON.stringify(options), String(PACE), String(WARM_UP + count)];
  const writer = ground.use(
    await spawnNode(new URL("../children/paced-writer.ts", import.meta.url), { args }),
  );
  await writer.waitForLine(/^ready$/);

  const delays: Delays = { chunks: [], bare: [] };
  const subscriber = await ground.connect();
  subscriber.on("message", (_channel, message) => delays.bare.push(msSince(message)));
  await subscriber.subscribe(`bare:${id}`);

  const store = new RedisStreamStore(await ground.connect(), options);
  const control = await ground.connect();
  setTimeout(() => void control.rpush(`go:${id}`, "go"), 500);
  for await (const chunk of store.readFrom(id, 0)) {
    delays.chunks.push(msSince(fromChunk(chunk.data).data));
  }
  return { chunks: delays.chunks.slice(WARM_UP), bare: delays.bare.slice(WARM_UP) };
}

function pushFigures({ chunks, bare }: Delays): Figure[] {
  const baseline = `PUBLISH/SUBSCRIBE: p50 ${ms(bare, 50)}, p99 ${ms(bare, 99)}`;
  return [
    { name: "push, p50", value: percentile(chunks, 50), unit: "ms", bar: { atMost: 1 }, baseline },
    { name: "push, p99", value: percentile(chunks, 99), unit: "ms", bar: { atMost: 5 }, baseline },
    {
      name: "push, p50 against bare messages",
      value: percentile(chunks, 50) / percentile(bare, 50),
      unit: "×",
      bar: { atMost: 1.5 },
      baseline,
    },
  ];
}

function pollFigure({ chunks, bare }: Delays): Figure {
  return {
    name: `polling every ${POLL_INTERVAL_MS} ms, p99 (p50 ${ms(chunks, 50)})`,
    value: percentile(chunks, 99),
    unit: "ms",
    bar: { atMost: POLL_INTERVAL_MS + 10 },
    baseline: `PUBLISH/SUBSCRIBE: p50 ${ms(bare, 50)}, p99 ${ms(bare, 99)}`,
  };
}

function ms(values: readonly number[], p: number): string {
  return `${short(percentile(values, p))} ms`;
}
