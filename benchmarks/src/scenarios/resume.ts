import { RedisStreamStore } from "@streambed/redis-stream-store";
import { interleave, median, ratio, short, timed } from "../kit/measure.ts";
import type { Scenario } from "../kit/scenario.ts";
import { tokens } from "../kit/tokens.ts";

const CHUNKS = 10_000;
const ROUNDS = 31;
const PREFIX = "bench";

export const scenario: Scenario = {
  question: "How long does it take to read a stored answer from its beginning?",
  workload: `readFrom 0 to the end of a stream of ${CHUNKS} tokens, in turn with LRANGE 0 -1 of its list, ${ROUNDS} rounds`,
  async run(ground) {
    const client = await ground.connect();
    const store = new RedisStreamStore(client, { prefix: PREFIX });
    await store.create("answer");
    for (let at = 0; at < CHUNKS; at += 2_000) {
      const end = at + 2_000 === CHUNKS ? "done" : undefined;
      await store.append("answer", tokens(2_000), { end });
    }

    const readAll = async (): Promise<void> => {
      let last = 0;
      for await (const { seq } of store.readFrom("answer", 0)) last = seq;
      if (last !== CHUNKS) throw new Error(`read ${last} chunks`);
    };
    const { ours, bare } = await interleave(
      ROUNDS,
      {
        ours: () => timed(readAll),
        bare: () => timed(() => client.lrange(`${PREFIX}:answer:chunks`, 0, -1)),
      },
      { warmUp: 10 },
    );
    return [
      {
        name: `time to resume ${short(CHUNKS)} chunks (${short(median(ours))} ms)`,
        value: ratio(ours, bare),
        unit: "×",
        bar: { atMost: 2.5 },
        baseline: `LRANGE: ${short(median(bare))} ms`,
      },
    ];
  },
};
