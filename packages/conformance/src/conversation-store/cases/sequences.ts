import fc from "fast-check";
import { ChatHistory } from "@streambed/core/conversation";
import { codeOf, outcomeOf } from "../../stream-store/asserting.ts";
import { Violation } from "../../stream-store/model/run-sequence.ts";
import { defineCase } from "../../suite/contract-case.ts";
import { say, textsOf } from "../conversation-context.ts";
import type { ConversationFixture, ConversationStoreCase } from "../conversation-context.ts";
import { ConversationModel } from "../conversation-model.ts";
import type { Command } from "../conversation-model.ts";

/** What the model can tell broken. */
const INVARIANTS: readonly string[] = [
  "conversation-verbatim",
  "conversation-empty",
  "conversation-own-copy",
  "conversation-conflict",
  "conversation-save-again",
  "conversation-overwrite",
  "conversation-delete",
];

const party = fc.constantFrom(0 as const, 1 as const);
const of = (call: Command["call"], weight: number): fc.WeightedArbitrary<Command> => ({
  weight,
  arbitrary: fc.record({ call: fc.constant(call), party }),
});
const command = fc.oneof(
  ...[of("save", 5), of("say", 3), of("load", 3), of("begin", 1), of("delete", 1)],
);

/** One case for each: a difference that breaks another promise ends the sequence, and that promise's case tells. */
export const sequenceCases: readonly ConversationStoreCase[] = INVARIANTS.map((invariant) =>
  defineCase(invariant, "in any sequence of calls", async (context) => {
    const stores = await context.stores();
    const property = fc.asyncProperty(fc.array(command, { maxLength: 14 }), async (commands) => {
      try {
        await runSequence({ ...stores, id: context.id() }, commands);
      } catch (error) {
        if (!(error instanceof Violation) || error.invariant === invariant) throw error;
      }
    });
    await fc.assert(property, { numRuns: 20 });
  }),
);

/** Carries out `commands`, and compares every step with the model. */
async function runSequence(
  { store, peer, id }: ConversationFixture,
  commands: Command[],
): Promise<void> {
  const model = new ConversationModel();
  const held: [ChatHistory, ChatHistory] = [new ChatHistory(), new ChatHistory()];
  for (const [i, one] of commands.entries()) {
    const doer = one.party === 0 ? store : peer;
    const { by, isConflict } = model.take(one, `${i}`);
    const what = `step ${i + 1}, ${one.call} by ${one.party}`;
    const outcome = await outcomeOf(async () => {
      if (one.call === "begin") held[one.party] = new ChatHistory();
      else if (one.call === "load") held[one.party] = await doer.load(id);
      else if (one.call === "say") say(held[one.party], `${i}`);
      else if (one.call === "save") await doer.save(id, held[one.party]);
      else await doer.delete(id);
    });
    const came = "error" in outcome ? codeOf(outcome.error) : "done";
    const wanted = isConflict ? "CONFLICT" : "done";
    if (came !== wanted) throw new Violation(by, `${what}: ${String(came)}, not ${wanted}`);
    const texts = model.texts.join();
    for (const onlooker of [doer, doer === store ? peer : store]) {
      const found = textsOf(await onlooker.load(id)).join();
      if (found !== texts) throw new Violation(by, `${what}: found ${found}, not ${texts}`);
    }
  }
}
