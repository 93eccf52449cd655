import { beforeAll, describe, expect, it } from "vitest";
import type { ContractCase } from "../src/index.ts";
import type { Mutant } from "./mutants/mutant.ts";

/** A right store in memory needs a fraction of it; a broken one may hang. */
const QUICK_CASE_MS = 2500;
const WAITING_CASE_MS = 7000;

/** A contract's cases, and how one of them is run. */
interface Suite<Context, Harness> {
  cases: readonly ContractCase<Context>[];
  run(one: ContractCase<Context>, harness: Harness): Promise<void>;
}

/** Each mutant has to fail cases of the invariant that it breaks, and no other. */
export function testMutants<Context, Harness>(
  topic: string,
  suite: Suite<Context, Harness>,
  mutants: readonly Mutant<Harness>[],
): void {
  const waiting = suite.cases.filter(({ waits }) => waits);
  const quick = suite.cases.filter(({ waits }) => !waits);
  describe(topic, () => {
    let brokenByWaiting: string[][];
    beforeAll(async () => {
      const runs = mutants.map(async (mutant, i) => {
        // Not all at once: leases run while others are being set up.
        await new Promise((resolve) => setTimeout(resolve, i * 60));
        return Promise.all(waiting.map((one) => failureOf(suite, one, mutant, WAITING_CASE_MS)));
      });
      brokenByWaiting = (await Promise.all(runs)).map((failures) => failures.flat());
    }, 30_000);

    for (const [i, mutant] of mutants.entries()) {
      it(`${mutant.breaks}: a store that ${mutant.how}`, { timeout: 30_000 }, async () => {
        const failures = [...(brokenByWaiting[i] ?? [])];
        const queue = [...quick];
        const work = async (): Promise<void> => {
          for (let one = queue.shift(); one; one = queue.shift()) {
            failures.push(...(await failureOf(suite, one, mutant, QUICK_CASE_MS)));
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
async function failureOf<Context, Harness>(
  suite: Suite<Context, Harness>,
  one: ContractCase<Context>,
  mutant: Mutant<Harness>,
  limitMs: number,
): Promise<string[]> {
  const title = `${one.invariant}: ${one.title}`;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<string[]>((resolve) => {
    timer = setTimeout(() => resolve([`${title}: timed out`]), Math.min(limitMs, one.timeoutMs));
  });
  const run = suite.run(one, mutant.harness).then(
    () => [],
    (error: unknown) => [`${title}: ${String(error).slice(0, 300)}`],
  );
  const failure = await Promise.race([run, late]);
  clearTimeout(timer);
  return failure;
}
