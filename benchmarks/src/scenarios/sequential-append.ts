import { RedisStreamStore } from "@streambed/redis-stream-store";
import type { Redis } from "ioredis";
import { appendClassically, classicBaseline } from "../kit/classic-way.ts";
import { requestsOf } from "../kit/ground.ts";
import type { Ground } from "../kit/ground.ts";
import { interleave, median, ratio, short, timed } from "../kit/measure.ts";
import { place, PLACEMENTS } from "../kit/placement.ts";
import type { Figure, Scenario } from "../kit/scenario.ts";
import { token } from "../kit/tokens.ts";

const CHUNKS = 3_000;
const COUNTED = 200;
const ROUNDS = 7;
/** Milliseconds that a proxy adds in each direction, to see what a network does to the ratio. */
const AWAY_MS = 1;
const AWAY = { chunks: 60, rounds: 3 };

export const scenario: Scenario = {
  question: "What does a chunk cost whose append is awaited before the next?",
  workload: `${CHUNKS} appends of one token, one after the other, ${ROUNDS} rounds of each way in turn; then some over a proxy that adds ${AWAY_MS} ms each way`,
  async run(ground) {
    const figures = [await countRequests(ground)];
    const client = await ground.connect();
    for (const placement of PLACEMENTS) {
      const where = await place(ground.redis, placement);
      const figure = await compare(client, where, CHUNKS, ROUNDS);
      figures.push({ ...figure, bar: { atLeast: 3 } });
    }
    const proxy = await ground.proxy();
    proxy.delayMs = AWAY_MS;
    const far = await ground.connect(proxy.url);
    figures.push(await compare(far, `Redis ${2 * AWAY_MS} ms away`, AWAY.chunks, AWAY.rounds));
    return figures;
  },
};

async function countRequests(ground: Ground): Promise<Figure> {
  const proxy = await ground.proxy();
  const store = new RedisStreamStore(await ground.connect(proxy.url));
  await store.create("counted");
  await store.append("counted", "the script is known from here on");
  proxy.resetCounts();
  for (let i = 0; i < COUNTED; i++) await store.append("counted", token(i));
  return {
    name: "requests of an append",
    value: requestsOf(proxy) / COUNTED,
    bar: { atMost: 1 },
    baseline: "classic way: 4",
  };
}

async function compare(
  client: Redis,
  where: string,
  chunks: number,
  rounds: number,
): Promise<Figure> {
  const store = new RedisStreamStore(client);
  const rate = async (append: (id: string, chunk: string) => Promise<unknown>): Promise<number> => {
    const id = crypto.randomUUID();
    await store.create(id);
    const ms = await timed(async () => {
      for (let i = 0; i < chunks; i++) await append(id, token(i));
    });
    return (chunks / ms) * 1_000;
  };
  const { ours, classic } = await interleave(rounds, {
    ours: () => rate((id, chunk) => store.append(id, chunk)),
    classic: () => rate((id, chunk) => appendClassically(client, id, chunk)),
  });
  return {
    name: `chunks/s of append, ${where} (${short(median(ours))})`,
    value: ratio(ours, classic),
    unit: "×",
    baseline: classicBaseline(classic),
  };
}
