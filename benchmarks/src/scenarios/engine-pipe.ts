import { createDurableStream } from "@streambed/core";
import { RedisStreamStore } from "@streambed/redis-stream-store";
import type { Redis } from "ioredis";
import { appendClassically, classicBaseline } from "../kit/classic-way.ts";
import { interleave, median, ratio, short, timed } from "../kit/measure.ts";
import { place, PLACEMENTS } from "../kit/placement.ts";
import type { Figure, Scenario } from "../kit/scenario.ts";
import { token } from "../kit/tokens.ts";

const CHUNKS = 20_000;
/** Enough for a rate: each costs the same four round trips. */
const CLASSIC_CHUNKS = 3_000;
const ROUNDS = 9;

export const scenario: Scenario = {
  question: "How fast does the engine move a fast source into Redis?",
  workload: `${CHUNKS} tokens through createDurableStream until its end is stored, ${ROUNDS} rounds of each source in turn with ${CLASSIC_CHUNKS} chunks the classic way`,
  async run(ground) {
    const client = await ground.connect();
    const figures: Figure[] = [];
    for (const placement of PLACEMENTS) {
      const where = await place(ground.redis, placement);
      figures.push(...(await compare(client, where)));
    }
    return figures;
  },
};

async function compare(client: Redis, where: string): Promise<Figure[]> {
  const store = new RedisStreamStore(client);
  const rates = await interleave(
    ROUNDS,
    {
      perMacrotask: () => pipe(store, onePerMacrotask),
      classic: () => appendAll(client),
      eager: () => pipe(store, neverWaiting),
      bareMacrotask: () => drain(onePerMacrotask),
    },
    { warmUp: 3 },
  );
  const figure = (name: string, ours: number[], atLeast: number): Figure => ({
    name: `chunks/s from a source that ${name}, ${where} (${short(median(ours))})`,
    value: ratio(ours, rates.classic),
    unit: "×",
    bar: { atLeast },
    baseline: classicBaseline(rates.classic),
  });
  return [
    figure("yields once a macrotask", rates.perMacrotask, 60),
    figure("never waits", rates.eager, 150),
    {
      name: `the first, of what its source makes with nobody behind it, ${where}`,
      value: ratio(rates.perMacrotask, rates.bareMacrotask),
      unit: "×",
      baseline: `source alone: ${short(median(rates.bareMacrotask))} chunks/s, ${short(ratio(rates.bareMacrotask, rates.classic))} × the classic way`,
    },
  ];
}

type Source = () => AsyncIterable<string>;

function pipe(store: RedisStreamStore, source: Source): Promise<number> {
  return rate(CHUNKS, async () => {
    const { finished } = await createDurableStream({ store, source });
    const { state, totalChunks } = await finished;
    if (state !== "done" || totalChunks !== CHUNKS) throw new Error("not all was stored");
  });
}

function drain(source: Source): Promise<number> {
  return rate(CHUNKS, async () => {
    for await (const chunk of source()) void chunk;
  });
}

function appendAll(client: Redis): Promise<number> {
  return rate(CLASSIC_CHUNKS, async () => {
    const id = crypto.randomUUID();
    for (let i = 0; i < CLASSIC_CHUNKS; i++) await appendClassically(client, id, token(i));
  });
}

async function rate(chunks: number, action: () => Promise<void>): Promise<number> {
  return (chunks / (await timed(action))) * 1_000;
}

async function* onePerMacrotask(): AsyncGenerator<string> {
  for (let i = 0; i < CHUNKS; i++) {
    await new Promise((resolve) => setImmediate(resolve));
    yield token(i);
  }
}

async function* neverWaiting(): AsyncGenerator<string> {
  for (let i = 0; i < CHUNKS; i++) yield token(i);
}
