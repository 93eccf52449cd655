import { setTimeout as sleep } from "node:timers/promises";
import { spawnNode } from "@streambed/test-kit";
import type { Redis } from "ioredis";
import { interleave, median, percentile, ratio, short } from "../kit/measure.ts";
import { readAnswer } from "../kit/read-answer.ts";
import type { ReadAnswer } from "../kit/read-answer.ts";
import type { Figure, Scenario } from "../kit/scenario.ts";

const ANSWERS = 200;
const PACE = 50;
const CHUNKS = 300;
const ROUNDS = 4;
/** A server is warm: what is compiled in the first seconds is no cost of a chunk. */
const WARM_UP = 2;

type Way = "plain" | "durable";

export const scenario: Scenario = {
  question: "What does it cost a server that its answers are durable?",
  workload: `${ANSWERS} concurrent answers of ${CHUNKS} chunks at ${PACE}/s over HTTP through Hono, in turn by Hono's streamSSE and through the engine and Redis; ${ROUNDS} rounds`,
  async run(ground) {
    const args = [ground.redis.url];
    const file = new URL("../children/answers-server.ts", import.meta.url);
    const server = ground.use(await spawnNode(file, { args, nodeArgs: ["--expose-gc"] }));
    const [, port] = await server.waitForLine(/^port (\d+)$/);
    const origin = `http://127.0.0.1:${port}`;
    const redis = await ground.connect();
    const rounds: Record<Way, Round[]> = { plain: [], durable: [] };
    const play = async (way: Way): Promise<number> => {
      const round = await playRound(origin, way, redis);
      rounds[way].push(round);
      return round.serverUs;
    };
    const ways = { plain: () => play("plain"), durable: () => play("durable") };
    const cpu = await interleave(ROUNDS, ways, { warmUp: WARM_UP });
    const warm = (way: Way): Round[] => rounds[way].slice(WARM_UP);
    return figuresOf(cpu, { plain: warm("plain"), durable: warm("durable") });
  },
};

interface Round {
  /** CPU time a chunk, of the server and of Redis. */
  serverUs: number;
  redisUs: number;
  delaysMs: number[];
  /** Answers that did not come whole, once and in order. */
  broken: number;
}

async function playRound(origin: string, way: Way, redis: Redis): Promise<Round> {
  const before = { server: await serverCpu(origin), redis: await redisCpu(redis) };
  const reading: Promise<ReadAnswer>[] = [];
  for (let i = 0; i < ANSWERS; i++) {
    reading.push(readAnswer(`${origin}/${way}?chunks=${CHUNKS}&pace=${PACE}`));
    // Not all in one tick: answers begin when people ask.
    await sleep(5);
  }
  const answers = await Promise.all(reading);
  const chunks = ANSWERS * CHUNKS;
  return {
    serverUs: ((await serverCpu(origin)) - before.server) / chunks,
    redisUs: ((await redisCpu(redis)) - before.redis) / chunks,
    delaysMs: answers.flatMap(({ delaysMs }) => delaysMs),
    broken: answers.filter((answer) => !isWhole(answer)).length,
  };
}

function isWhole({ ids, done }: ReadAnswer): boolean {
  return done && ids.length === CHUNKS && ids.every((id, i) => id === i + 1);
}

async function serverCpu(origin: string): Promise<number> {
  const { user, system } = (await (await fetch(`${origin}/cpu`)).json()) as NodeJS.CpuUsage;
  return user + system;
}

/** In microseconds, of the thread that serves. */
async function redisCpu(redis: Redis): Promise<number> {
  const info = await redis.info("cpu");
  const seconds = [...info.matchAll(/^used_cpu_(?:sys|user):([\d.]+)/gm)].map(([, s]) => Number(s));
  return seconds.reduce((sum, s) => sum + s, 0) * 1e6;
}

function figuresOf(cpu: Record<Way, number[]>, rounds: Record<Way, Round[]>): Figure[] {
  const delays = (way: Way): number[] => rounds[way].flatMap(({ delaysMs }) => delaysMs);
  const [plain, durable] = [delays("plain"), delays("durable")];
  const p99 = percentile(plain, 99);
  return [
    {
      name: `CPU of the server a chunk (${short(median(cpu.durable))} µs)`,
      value: ratio(cpu.durable, cpu.plain),
      unit: "×",
      bar: { atMost: 1.5 },
      baseline: `streamSSE: ${short(median(cpu.plain))} µs`,
    },
    {
      name: `delay added, p99 (${short(percentile(durable, 50))} ms p50, ${short(percentile(durable, 99))} ms p99)`,
      value: percentile(durable, 99) - percentile(plain, 50),
      unit: "ms",
      bar: { atMost: 20 },
      baseline: `streamSSE: ${short(percentile(plain, 50))} ms p50, ${short(p99)} ms p99`,
    },
    {
      name: "answers that did not come whole, once and in order",
      value: rounds.durable.reduce((sum, { broken }) => sum + broken, 0),
      bar: { atMost: 0 },
    },
    {
      name: "CPU of Redis a chunk",
      value: median(rounds.durable.map(({ redisUs }) => redisUs)),
      unit: "µs",
    },
  ];
}
