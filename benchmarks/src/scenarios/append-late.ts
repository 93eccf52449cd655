import { RedisStreamStore } from "@streambed/redis-stream-store";
import { median, short, timed } from "../kit/measure.ts";
import type { Scenario } from "../kit/scenario.ts";
import { token, tokens } from "../kit/tokens.ts";

const EARLY = 100;
const LATE = 100_000;
const BATCH = 2_000;
const APPENDS = 300;
const ROUNDS = 9;

export const scenario: Scenario = {
  question: "Does an append get slower as its stream grows?",
  workload: `appends of one token in turn to a stream of ${EARLY} chunks and to one of ${LATE}: ${ROUNDS} rounds of ${APPENDS} each`,
  async run(ground) {
    const store = new RedisStreamStore(await ground.connect(), { maxChunks: 2 * LATE });
    await store.create("late");
    for (let at = 0; at < LATE; at += BATCH) await store.append("late", tokens(BATCH));

    const ratios: number[] = [];
    const earlyMs: number[] = [];
    for (let round = -1; round < ROUNDS; round++) {
      const early = `early-${round}`;
      await store.create(early);
      await store.append(early, tokens(EARLY));
      const times = { early: [] as number[], late: [] as number[] };
      for (let i = 0; i < APPENDS; i++) {
        // Each goes first every other time.
        for (const which of i % 2 === 0
          ? (["early", "late"] as const)
          : (["late", "early"] as const)) {
          const id = which === "early" ? early : "late";
          times[which].push(await timed(() => store.append(id, token(i))));
        }
      }
      if (round < 0) continue;
      ratios.push(median(times.late) / median(times.early));
      earlyMs.push(median(times.early));
    }
    return [
      {
        name: `time of an append at chunk ${short(LATE)}`,
        value: median(ratios),
        unit: "×",
        bar: { atMost: 1.2 },
        baseline: `at chunk ${EARLY}: ${short(median(earlyMs) * 1_000)} µs`,
      },
    ];
  },
};
