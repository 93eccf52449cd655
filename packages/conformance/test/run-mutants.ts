import { beforeAll, describe, expect, it } from "vitest";
import { runStreamStoreCase, streamStoreCases } from "../src/index.ts";
import type { StreamStoreCase } from "../src/index.ts";
import type { Mutant } from "./mutants/mutant.ts";

/** A right store in memory needs a fraction of it; a broken one may hang. */
const QUICK_CASE_MS = 2500;
const WAITING_CASE_MS = 7000;

const waiting = streamStoreCases.filter(({ waits }) => waits);
const quick = streamStoreCases.filter(({ waits }) => !waits);

/** Each mutant has to fail cases of the invariant that it breaks, and no other. */
export function testMutants(topic: string, mutants: readonly Mutant[]): void {
  describe(topic, () => {
    let brokenByWaiting: string[][];
    beforeAll(async () => {
      const runs = mutants.map(async (mutant, i) => {
        // Not all at once: leases run while others are being set up.
        await new Promise((resolve) => setTimeout(resolve, i * 60));
        return Promise.all(waiting.map((one) => failureOf(one, mutant, WAITING_CASE_MS)));
      });
      brokenByWaiting = (await Promise.all(runs)).map((failures) => failures.flat());
    }, 30_000);

    for (const [i, mutant] of mutants.entries()) {
      it(`${mutant.breaks}: a store that ${mutant.how}`, { timeout: 30_000 }, async () => {
        const failures = [...(brokenByWaiting[i] ?? [])];
        const queue = [...quick];
        const work = async (): Promise<void> => {
          for (let one = queue.shift(); one; one = queue.shift()) {
            failures.push(...(await failureOf(one, mutant, QUICK_CASE_MS)));
          }
        };
        // A few at a time: while one waits, others work.
        await Promise.all(Array.from({ length: 8 }, work));
        const others = failures.filter((failure) => !failure.startsWith(`${mutant.breaks}: `));
        expect(others, "cases of other invariants that fail").toEqual([]);
        expect(failures, "cases that fail").not.toEqual([]);
      });
    }
  });
}

/** The case's title and error, if `mutant` fails it. */
async function failureOf(one: StreamStoreCase, mutant: Mutant, limitMs: number): Promise<string[]> {
  const title = `${one.invariant}: ${one.title}`;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<string[]>((resolve) => {
    timer = setTimeout(() => resolve([`${title}: timed out`]), Math.min(limitMs, one.timeoutMs));
  });
  const run = runStreamStoreCase(one, mutant.harness).then(
    () => [],
    (error: unknown) => [`${title}: ${String(error).slice(0, 300)}`],
  );
  const failure = await Promise.race([run, late]);
  clearTimeout(timer);
  return failure;
}
