import type { Lock } from "chat";
import type { RedisScript } from "@streambed/redis-driver";
import { describe, expect, it } from "vitest";
import { SCRIPT_CLIENTS } from "../../redis-stream-store/test/support-clients.ts";
import { interrupted } from "../../redis-stream-store/test/support-lost-replies.ts";
import * as scripts from "../src/scripts.generated.ts";
import { entryOf, setUpFaulty, textOf } from "./support-states.ts";
import type { Faulty } from "./support-states.ts";

/** Somebody else acts after the first attempt, whose reply is lost, and before the next. */
interface Case {
  name: string;
  script: RedisScript;
  run: (on: Faulty, between: Between) => Promise<void>;
}
type Between = <T>(call: () => Promise<T>, meanwhile: () => Promise<unknown>) => Promise<T>;

async function taken({ onlooker }: Faulty, id = "t"): Promise<Lock> {
  const lock = await onlooker.acquireLock(id, 60_000);
  if (lock === null) throw new Error(`nobody could take ${id}`);
  return lock;
}

async function takenOver(on: Faulty): Promise<Lock> {
  await on.onlooker.forceReleaseLock("t");
  return taken(on);
}

/** Whether it is still that one, and still has most of its minute. */
async function expectHeld({ prefix, raw }: Faulty, lock: Lock | undefined): Promise<void> {
  expect(await raw.ask("GET", `${prefix}:lock:t`)).toBe(lock?.token);
  const left = Number(await raw.ask("PTTL", `${prefix}:lock:t`));
  expect(left).toBeGreaterThan(30_000);
  expect(left).toBeLessThanOrEqual(60_000);
}

const CASES: Case[] = [
  {
    name: "acquireLock: force-released and taken by another, it is not ours any more",
    script: scripts.acquireScript,
    async run(on, between) {
      let theirs: Lock | undefined;
      const ours = await between(
        () => on.state.acquireLock("t", 5_000),
        async () => (theirs = await takenOver(on)),
      );
      expect(ours).toBeNull();
      await expectHeld(on, theirs);
    },
  },
  {
    name: "acquireLock: what was refused is not taken for nobody when it is free again",
    script: scripts.acquireScript,
    async run(on, between) {
      const theirs = await taken(on);
      const ours = await between(
        () => on.state.acquireLock("t", 5_000),
        () => on.onlooker.releaseLock(theirs),
      );
      expect(ours).toBeNull();
      expect(await on.raw.keys(on.prefix)).toEqual([]);
    },
  },
  {
    name: "acquireLock: what has run out since is taken again",
    script: scripts.acquireScript,
    async run(on, between) {
      const ours = await between(
        () => on.state.acquireLock("t", 60_000),
        () => on.raw.ask("DEL", `${on.prefix}:lock:t`),
      );
      await expectHeld(on, ours ?? undefined);
    },
  },
  {
    name: "extendLock: true, and the other's lock is not touched",
    script: scripts.extendScript,
    async run(on, between) {
      const ours = await taken(on);
      let theirs: Lock | undefined;
      const extended = await between(
        () => on.state.extendLock(ours, 600_000),
        async () => (theirs = await takenOver(on)),
      );
      expect(extended).toBe(true);
      await expectHeld(on, theirs);
    },
  },
  {
    name: "releaseLock: the other's lock is not touched",
    script: scripts.releaseScript,
    async run(on, between) {
      const ours = await taken(on);
      let theirs: Lock | undefined;
      await between(
        () => on.state.releaseLock(ours),
        async () => (theirs = await taken(on)),
      );
      await expectHeld(on, theirs);
    },
  },
  {
    name: "forceReleaseLock: who takes the lock then keeps it",
    script: scripts.deleteScript,
    async run(on, between) {
      await taken(on);
      let theirs: Lock | undefined;
      await between(
        () => on.state.forceReleaseLock("t"),
        async () => (theirs = await taken(on)),
      );
      await expectHeld(on, theirs);
    },
  },
  {
    name: "set: what another wrote then stays",
    script: scripts.setScript,
    async run(on, between) {
      await between(
        () => on.state.set("k", "ours"),
        () => on.onlooker.set("k", "theirs"),
      );
      expect(await on.onlooker.get("k")).toBe("theirs");
    },
  },
  {
    name: "setIfNotExists: true, though it is deleted and another's by now",
    script: scripts.setScript,
    async run(on, between) {
      const result = await between(
        () => on.state.setIfNotExists("k", "ours"),
        async () => {
          await on.onlooker.delete("k");
          expect(await on.onlooker.setIfNotExists("k", "theirs")).toBe(true);
        },
      );
      expect(result).toBe(true);
      expect(await on.onlooker.get("k")).toBe("theirs");
    },
  },
  {
    name: "setIfNotExists: false, though it is free by now",
    script: scripts.setScript,
    async run(on, between) {
      await on.onlooker.set("k", "theirs");
      const result = await between(
        () => on.state.setIfNotExists("k", "ours"),
        () => on.onlooker.delete("k"),
      );
      expect(result).toBe(false);
      expect(await on.onlooker.get("k")).toBeNull();
    },
  },
  {
    name: "delete: what another wrote then stays",
    script: scripts.deleteScript,
    async run(on, between) {
      await on.onlooker.set("k", 1);
      await between(
        () => on.state.delete("k"),
        () => on.onlooker.set("k", 2),
      );
      expect(await on.onlooker.get("k")).toBe(2);
    },
  },
  {
    name: "appendToList: another's tombstone takes it away for good",
    script: scripts.pushScript,
    async run(on, between) {
      await between(
        () => on.state.appendToList("l", "ours"),
        () => on.onlooker.appendToList("l", "tombstone", { maxLength: 1 }),
      );
      expect(await on.onlooker.getList("l")).toEqual(["tombstone"]);
    },
  },
  {
    name: "enqueue: the depth that it came to, and another may take the entry",
    script: scripts.pushScript,
    async run(on, between) {
      const depth = await between(
        () => on.state.enqueue("t", entryOf("a"), 10),
        async () => expect(textOf(await on.onlooker.dequeue("t"))).toBe("a"),
      );
      expect(depth).toBe(1);
      expect(await on.onlooker.queueDepth("t")).toBe(0);
    },
  },
  {
    name: "dequeue: the same entry is put there again, and stays",
    script: scripts.takeScript,
    async run(on, between) {
      const entry = entryOf("a");
      await on.onlooker.enqueue("t", entry, 10);
      const first = await between(
        () => on.state.dequeue("t"),
        () => on.onlooker.enqueue("t", entry, 10),
      );
      expect(first).toEqual(entry);
      expect(await on.onlooker.queueDepth("t")).toBe(1);
    },
  },
  {
    name: "dequeue, as it looks: another takes the entry, and this one the next",
    script: scripts.peekScript,
    async run(on, between) {
      for (const text of ["a", "b", "c"]) await on.onlooker.enqueue("t", entryOf(text), 10);
      const mine = await between(
        () => on.state.dequeue("t"),
        () => on.onlooker.dequeue("t"),
      );
      expect(textOf(mine)).toBe("b");
      expect(textOf(await on.onlooker.dequeue("t"))).toBe("c");
    },
  },
  {
    name: "subscribe: who unsubscribes then is unsubscribed",
    script: scripts.addMemberScript,
    async run(on, between) {
      await between(
        () => on.state.subscribe("t"),
        () => on.onlooker.unsubscribe("t"),
      );
      expect(await on.onlooker.isSubscribed("t")).toBe(false);
    },
  },
  {
    name: "unsubscribe: who subscribes then is subscribed",
    script: scripts.removeMemberScript,
    async run(on, between) {
      await on.onlooker.subscribe("t");
      await between(
        () => on.state.unsubscribe("t"),
        () => on.onlooker.subscribe("t"),
      );
      expect(await on.onlooker.isSubscribed("t")).toBe(true);
    },
  },
];

describe.concurrent.each(SCRIPT_CLIENTS)(
  "%s: a reply is lost, and before the next attempt",
  (kind) => {
    it.for(CASES)("$name", async ({ script, run }, test) => {
      const on = await setUpFaulty(kind, test);
      await run(on, (call, meanwhile) => interrupted(on, script, call, meanwhile));
    });
  },
);
