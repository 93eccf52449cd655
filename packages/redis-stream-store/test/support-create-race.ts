import type { Redis } from "ioredis";
import { RedisStreamStore } from "../src/index.ts";

export type CreateOutcome = "created" | "ALREADY_EXISTS";

export interface CreateRace {
  url: string;
  prefix: string;
  pairs: number;
}

const ROUND = 10;

/** One of two processes that create the same streams, a few at a time, each time starting together. */
export async function raceCreates({
  prefix,
  pairs,
  writer,
  redis,
}: CreateRace & { writer: string; redis: Redis }): Promise<CreateOutcome[]> {
  const store = new RedisStreamStore(redis, { prefix });
  const outcomes: CreateOutcome[] = [];
  for (let first = 0; first < pairs; first += ROUND) {
    const arrived = `${prefix}:arrived:${first}`;
    await redis.incr(arrived);
    while ((await redis.get(arrived)) !== "2");
    const round = Array.from({ length: ROUND }, (_, i) =>
      store.create(`s${first + i}`, { writer }).then(
        (): CreateOutcome => "created",
        (error: unknown) => (error as { code: CreateOutcome }).code,
      ),
    );
    outcomes.push(...(await Promise.all(round)));
  }
  return outcomes;
}
