import { expect } from "vitest";
import type { StreamStore } from "@streambed/core/contracts";
import { AT_ONCE_MS, inBackground, outcomeOf, pause, soon, take } from "../asserting.ts";
import { defineCase } from "../define-case.ts";
import type { StreamStoreCase } from "../define-case.ts";

/** Reasons that a store could be tempted to wrap. */
const REASONS: readonly unknown[] = [new Error("mine"), { why: "mine" }, "mine", 0, null];

export const abortCases: readonly StreamStoreCase[] = [
  defineCase(
    "read-abort",
    "while waiting, here and elsewhere, with the caller's own reason",
    async (context) => {
      const { store, peer, id } = await context.stream();
      const abortOne = async (one: StreamStore, reason: unknown): Promise<void> => {
        const controller = new AbortController();
        const next = inBackground(context.read(one, id, 0, controller).next());
        await pause(20);
        controller.abort(reason);
        await rejectsWith(reason, () => next);
      };
      const aborts = REASONS.flatMap((reason) => [abortOne(store, reason), abortOne(peer, reason)]);
      await Promise.all(aborts);
    },
  ),

  defineCase("read-abort", "before the start", async (context) => {
    const { store, id } = await context.stream();
    await store.append(id, "a", { end: "done" });
    for (const reason of REASONS) {
      const signal = AbortSignal.abort(reason);
      await rejectsWith(reason, () => context.read(store, id, 0, { signal }).next());
      const controller = new AbortController();
      const reader = context.read(store, id, 0, controller);
      controller.abort(reason);
      await rejectsWith(reason, () => reader.next());
    }
  }),

  defineCase("read-abort", "between two chunks of a batch, and before the end", async (context) => {
    const { store, id } = await context.stream();
    await store.append(id, ["a", "b", "c"], { end: "done" });
    for (const count of [1, 2, 3]) {
      const controller = new AbortController();
      const reader = context.read(store, id, 0, controller);
      await take(reader, count);
      const reason = new Error("mine");
      controller.abort(reason);
      await rejectsWith(reason, () => reader.next());
      expect(await reader.next()).toMatchObject({ done: true });
    }
  }),

  defineCase(
    "read-abort",
    "without a reason of the caller's, and by a timeout",
    async (context) => {
      const { store, id } = await context.stream();
      const controller = new AbortController();
      const next = inBackground(context.read(store, id, 0, controller).next());
      controller.abort();
      await rejectsWith(controller.signal.reason, () => next);
      const signal = AbortSignal.timeout(30);
      const outcome = await soon(
        outcomeOf(() => context.read(store, id, 0, { signal }).next()),
        "it",
      );
      expect("error" in outcome && outcome.error === signal.reason).toBe(true);
    },
  ),
];

async function rejectsWith(reason: unknown, operation: () => Promise<unknown>): Promise<void> {
  const outcome = await soon(outcomeOf(operation), "the abort", AT_ONCE_MS);
  if (!("error" in outcome)) expect.fail(`resolved in spite of an abort (${String(reason)})`);
  expect(Object.is(outcome.error, reason), "the caller's own reason").toBe(true);
}
