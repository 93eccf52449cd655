import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { defineCase, defineWaitingCase } from "./contract-case.ts";
import { describeCases } from "./describe-cases.ts";

/** Suites with one case each, which waits for those of the others to have begun. */
function describeMeeting(names: readonly string[]): void {
  const begun = new Set<string>();
  afterAll(() => expect([...begun].sort()).toEqual([...names].sort()));
  const { promise: all, resolve } = Promise.withResolvers<void>();
  for (const name of names) {
    const waits = defineWaitingCase("meeting", "begins beside the others", async () => {
      begun.add(name);
      if (begun.size === names.length) resolve();
      await all;
    });
    const quick = defineCase("meeting", "has a case that does not wait", async () => {});
    describeCases(name, [{ ...waits, timeoutMs: 5000 }, quick], {}, (one) => one.run({}));
  }
}

// Before the suites of the file, which vitest then knows of when it comes to what is in here.
describe("suites in a describe", () => {
  let isReady = false;
  beforeAll(() => {
    isReady = true;
  });
  afterAll(() => {
    isReady = false;
  });
  const within = [
    defineWaitingCase("place", "what waits runs after the hooks of its own describe", async () =>
      expect(isReady).toBe(true),
    ),
    defineCase("place", "so does what does not", async () => expect(isReady).toBe(true)),
  ];
  describeCases("with a hook", within, {}, (one) => one.run({}));
  describeMeeting(["first of two within", "second of two within"]);
});

describeMeeting(["first", "second", "third"]);

describe("what waits and what does not", () => {
  let waiting = 0;
  const mixed = [
    defineWaitingCase("mixed", "waits", async () => {
      waiting++;
      await sleep(60);
      waiting--;
    }),
    defineCase("mixed", "computes while nothing waits", async () => {
      await sleep(20);
      expect(waiting).toBe(0);
    }),
  ];
  for (const name of ["one", "another"]) {
    describeCases(name, mixed, { sideBySide: true }, (one) => one.run({}));
  }
});
