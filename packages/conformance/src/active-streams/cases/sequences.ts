import fc from "fast-check";
import { outcomeOf } from "../../stream-store/asserting.ts";
import type { Outcome } from "../../stream-store/asserting.ts";
import { Violation } from "../../stream-store/model/run-sequence.ts";
import { defineCase } from "../../suite/contract-case.ts";
import type { ActiveFixture, ActiveStreamsCase } from "../active-context.ts";
import { PointerModel } from "../pointer-model.ts";
import type { Command } from "../pointer-model.ts";

/** What the model can tell broken. */
const INVARIANTS: readonly string[] = [
  "active-get",
  "active-one-winner",
  "active-taken",
  "active-same-again",
  "active-instead",
  "active-clear",
  "active-clear-compares",
];

const streamId = fc.constantFrom("s1", "s2", "s3");
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      call: fc.constant("set" as const),
      streamId,
      instead: fc.option(streamId, { nil: undefined }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ call: fc.constant("clear" as const), streamId }) },
);

/** One case for each: a difference that breaks another promise ends the sequence, and that promise's case tells. */
export const sequenceCases: readonly ActiveStreamsCase[] = INVARIANTS.map((invariant) =>
  defineCase(invariant, "in any sequence of calls", async (context) => {
    const stores = await context.stores();
    const property = fc.asyncProperty(fc.array(command, { maxLength: 14 }), async (commands) => {
      try {
        await runSequence({ ...stores, chat: context.chat() }, commands);
      } catch (error) {
        if (!(error instanceof Violation) || error.invariant === invariant) throw error;
      }
    });
    await fc.assert(property, { numRuns: 25 });
  }),
);

/** Sends `commands`, by turns through either store, and compares every step with the model. */
async function runSequence(
  { store, peer, chat }: ActiveFixture,
  commands: Command[],
): Promise<void> {
  const model = new PointerModel();
  for (const [i, one] of commands.entries()) {
    const [doer, onlooker] = i % 3 ? [store, peer] : [peer, store];
    const { by, value } = model.take(one);
    const what = `step ${i + 1}, ${JSON.stringify(one)}`;
    const outcome = await outcomeOf<unknown>(() =>
      one.call === "set"
        ? doer.set(chat, one.streamId, { instead: one.instead })
        : doer.clear(chat, one.streamId),
    );
    compare(by, what, outcome, value);
    compare(by, `${what}: get`, await outcomeOf(() => doer.get(chat)), model.standing);
    // Once it is stored, everybody sees it.
    const seen = await outcomeOf(() => onlooker.get(chat));
    compare("active-get", `${what}: get elsewhere`, seen, model.standing);
  }
}

function compare(by: string, what: string, outcome: Outcome<unknown>, value: unknown): void {
  if ("value" in outcome && outcome.value === value) return;
  const came = "value" in outcome ? outcome.value : outcome.error;
  throw new Violation(by, `${what}: ${String(came)}, not ${String(value)}`);
}
