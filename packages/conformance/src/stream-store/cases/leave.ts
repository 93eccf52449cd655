import { getEventListeners } from "node:events";
import { expect } from "vitest";
import type { StreamStore } from "@streambed/core/contracts";
import { AT_ONCE_MS, inBackground, outcomeOf, pause, soon, take } from "../asserting.ts";
import type { CaseContext, Reader, StreamFixture } from "../case-context.ts";
import { defineCase } from "../define-case.ts";
import type { StreamStoreCase } from "../define-case.ts";
import type { LeakWatch } from "../leak-watch.ts";

/** What a reader does before it leaves, with a signal that its leaving may abort. */
interface Leaving {
  title: string;
  leave(reader: Reader, controller: AbortController, fixture: StreamFixture): Promise<unknown>;
}

const LEAVINGS: readonly Leaving[] = [
  {
    title: "after the end",
    leave: async (reader, _, { store, id }) => {
      await take(reader, 2);
      const end = reader.next();
      await store.complete(id);
      expect((await soon(end, "the end")).done).toBe(true);
    },
  },
  {
    title: "after an abort while waiting",
    leave: async (reader, controller) => {
      await take(reader, 2);
      const next = inBackground(reader.next());
      await pause(20);
      controller.abort();
      await soon(
        outcomeOf(() => next),
        "the abort",
        AT_ONCE_MS,
      );
    },
  },
  {
    title: "after an abort between two chunks",
    leave: async (reader, controller) => {
      await take(reader, 1);
      controller.abort();
      await soon(
        outcomeOf(() => reader.next()),
        "the abort",
        AT_ONCE_MS,
      );
    },
  },
  {
    title: "after return() between two chunks",
    leave: async (reader) => {
      await take(reader, 1);
      await soon(reader.return(undefined as never), "return()", AT_ONCE_MS);
    },
  },
  {
    title: "after return() during a pending next()",
    leave: async (reader) => {
      await take(reader, 2);
      const next = inBackground(reader.next());
      await pause(20);
      const settled = Promise.all([reader.return(undefined as never), outcomeOf(() => next)]);
      await soon(settled, "return() and the pending next()", AT_ONCE_MS);
      expect(await reader.next()).toMatchObject({ done: true });
    },
  },
  {
    title: "after return() before the first next()",
    leave: (reader) => soon(reader.return(undefined as never), "return()", AT_ONCE_MS),
  },
  {
    title: "after an error",
    leave: async (reader, _, { store, id }) => {
      await take(reader, 2);
      const next = inBackground(reader.next());
      await pause(20);
      await store.delete(id);
      await soon(
        outcomeOf(() => next),
        "the news that it is gone",
        8000,
      );
    },
  },
];

export const leaveCases: readonly StreamStoreCase[] = [
  ...LEAVINGS.map(({ title, leave }): StreamStoreCase =>
    defineCase("read-leaves-nothing", title, async (context) => {
      const ways = ["store", "peer"] as const;
      await Promise.all(ways.map((way) => leavesNothing(context, way, leave)));
    }),
  ),

  defineCase("read-leaves-nothing", "a hundred readers on one signal", async (context) => {
    const { store, peer, id } = await context.stream();
    using watch = context.watchTimers();
    const controller = new AbortController();
    const waiting = watch.run(() =>
      Array.from({ length: 100 }, (_, i) => {
        const reader = context.read(i % 2 ? store : peer, id, 0, controller);
        return outcomeOf(() => reader.next());
      }),
    );
    await pause(20);
    controller.abort();
    await soon(Promise.all(waiting), "a hundred aborts", AT_ONCE_MS * 2);
    await nothingLeft(watch, controller.signal);
  }),
];

async function leavesNothing(
  context: CaseContext,
  way: "store" | "peer",
  leave: Leaving["leave"],
): Promise<void> {
  const fixture = await context.stream();
  await fixture.store.append(fixture.id, ["a", "b"]);
  using watch = context.watchTimers();
  const controller = new AbortController();
  const reader = watched(watch, fixture[way], fixture.id, context, controller.signal);
  await leave(reader, controller, fixture);
  await nothingLeft(watch, controller.signal);
}

/** A reader whose own steps are watched; what the case does around them is not. */
function watched(
  watch: LeakWatch,
  store: StreamStore,
  id: string,
  context: CaseContext,
  signal: AbortSignal,
): Reader {
  const reader = watch.run(() => context.read(store, id, 0, { signal }));
  const { next, return: leave } = reader;
  reader.next = () => watch.run(() => next.call(reader));
  reader.return = (value) => watch.run(() => leave.call(reader, value));
  return reader;
}

async function nothingLeft(watch: LeakWatch, signal: AbortSignal): Promise<void> {
  expect(getEventListeners(signal, "abort").length, "listeners on the signal").toBe(0);
  // A timer that is about to fire anyway is nothing that stays.
  const deadline = performance.now() + 1500;
  while (watch.timers.length > 0 && performance.now() < deadline) await pause(25);
  expect(watch.timers, "timers that are left, and who set them").toEqual([]);
}
