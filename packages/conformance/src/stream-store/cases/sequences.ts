import fc from "fast-check";
import { defineCase } from "../define-case.ts";
import type { StreamStoreCase } from "../define-case.ts";
import { MAX_CHUNKS, Violation, runSequence } from "../model/run-sequence.ts";
import type { Command } from "../model/stream-model.ts";

/** What the model can tell broken. */
const INVARIANTS: readonly string[] = [
  "create-one-winner",
  "create-same-writer",
  "create-open",
  "append-order",
  "append-all-or-nothing",
  "append-not-found",
  "append-not-active",
  "append-fenced",
  "append-end",
  "repeat-op",
  "repeat-new-op",
  "heartbeat-silent",
  "heartbeat-refused",
  "limit-chunks",
  "end-first-counts",
  "end-not-found",
  "delete-forgets",
  "read-every-chunk",
  "read-stored-end",
  "read-not-found",
  "read-cursor",
];

const writer = fc.constantFrom("w1", "w1", "w1", "w2", undefined);
const append = fc.record({
  call: fc.constant("append" as const),
  chunks: fc.array(fc.constantFrom("a", "b", "", "\ud83d\ude00"), { maxLength: 4 }),
  writer,
  named: fc.boolean(),
  end: fc.oneof(
    { weight: 8, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom("done" as const, { error: "cut short" }) },
  ),
});
const command = fc.oneof(
  { weight: 3, arbitrary: fc.record({ call: fc.constant("create" as const), writer }) },
  { weight: 8, arbitrary: append },
  { weight: 2, arbitrary: fc.constant({ call: "repeat" as const }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom({ call: "stop" as const }, { call: "complete" as const }),
  },
  { weight: 1, arbitrary: fc.constant({ call: "fail" as const, error: "it broke" }) },
  { weight: 1, arbitrary: fc.constant({ call: "delete" as const }) },
  {
    weight: 3,
    arbitrary: fc.record({ call: fc.constant("read" as const), after: fc.nat(MAX_CHUNKS) }),
  },
);

/** Any calls, most of them on a stream that has been created. Ops are fresh, but where a command repeats one. */
const commands: fc.Arbitrary<Command[]> = fc
  .array(command, { maxLength: 18 })
  .map((list) =>
    list.map((one, i): Command => {
      if (one.call !== "append") return one;
      const { named, ...call } = one;
      // Whether a heartbeat is an op that can be repeated, the contract leaves open.
      const canName = named && (call.chunks.length > 0 || call.end !== undefined);
      return { ...call, op: canName ? `op-${i}` : undefined };
    }),
  )
  .chain((list) =>
    writer.map((first) => (list.length % 7 ? [{ call: "create", writer: first }, ...list] : list)),
  );

/** One case for each: a difference that breaks another promise ends the sequence, and that promise's case tells. */
export const sequenceCases: readonly StreamStoreCase[] = INVARIANTS.map((invariant) =>
  defineCase(invariant, "in any sequence of calls", async (context) => {
    const stores = await context.stores({ maxChunks: MAX_CHUNKS });
    const property = fc.asyncProperty(commands, async (list) => {
      try {
        await runSequence(context, { ...stores, id: context.id() }, list);
      } catch (error) {
        if (!(error instanceof Violation) || error.invariant === invariant) throw error;
      }
    });
    await fc.assert(property, { numRuns: 30 });
  }),
);
