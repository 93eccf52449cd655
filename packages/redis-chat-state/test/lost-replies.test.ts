import type { QueueEntry } from "chat";
import type { RedisScript } from "@streambed/redis-driver";
import { describe, expect, it } from "vitest";
import { SCRIPT_CLIENTS } from "../../redis-stream-store/test/support-clients.ts";
import { loseReplies } from "../../redis-stream-store/test/support-lost-replies.ts";
import * as scripts from "../src/scripts.generated.ts";
import { entryOf, setUpFaulty, textOf } from "./support-states.ts";
import type { Faulty } from "./support-states.ts";

/** One method, its script, what is there before, and what its first attempt comes to. */
interface Case {
  name: string;
  script: RedisScript;
  prepare?: (on: Faulty, id: string) => Promise<unknown>;
  call: (on: Faulty, id: string) => Promise<unknown>;
  result: unknown;
  /** What is stored afterwards, each in its own words. */
  stored: (on: Faulty, id: string) => Promise<unknown>;
  left: unknown;
}

const lockOf = (on: Faulty, id: string) => on.raw.ask("GET", `${on.prefix}:lock:${id}`);
const cacheOf = (on: Faulty, id: string) => on.raw.ask("GET", `${on.prefix}:cache:${id}`);
const listOf = (on: Faulty, id: string) => on.onlooker.getList(id);
const subscribed = (on: Faulty, id: string) => on.onlooker.isSubscribed(id);
const queueOf = async (on: Faulty, id: string) => {
  const entries = await on.raw.ask("LRANGE", `${on.prefix}:queue:${id}`, "0", "-1");
  return (entries as string[]).map((json) => textOf(JSON.parse(json) as QueueEntry));
};
const deadOf = (on: Faulty, id: string) =>
  on.raw.ask("LRANGE", `${on.prefix}:dead:${id}`, "0", "-1");
const enqueued = (on: Faulty, id: string, ...texts: string[]) =>
  on.raw.ask(
    "RPUSH",
    `${on.prefix}:queue:${id}`,
    ...texts.map((text) => (text === "junk" ? text : JSON.stringify(entryOf(text)))),
  );
const another = { threadId: "", token: "", expiresAt: 0 };

const CASES: Case[] = [
  {
    name: "acquireLock: the lock that it took",
    script: scripts.acquireScript,
    call: async (on, id) => {
      const lock = await on.state.acquireLock(id, 5_000);
      return [lock?.threadId === id, lock?.token === (await lockOf(on, id))];
    },
    result: [true, true],
    stored: async (on, id) => typeof (await lockOf(on, id)),
    left: "string",
  },
  {
    name: "acquireLock of a lock that another has: null",
    script: scripts.acquireScript,
    prepare: (on, id) => on.raw.ask("SET", `${on.prefix}:lock:${id}`, "other"),
    call: (on, id) => on.state.acquireLock(id, 5_000),
    result: null,
    stored: lockOf,
    left: "other",
  },
  {
    name: "extendLock: true",
    script: scripts.extendScript,
    prepare: async (on, id) =>
      (on.locks[id] = (await on.onlooker.acquireLock(id, 5_000)) ?? another),
    call: (on, id) => on.state.extendLock(on.locks[id]!, 60_000),
    result: true,
    stored: async (on, id) => Number(await on.raw.ask("PTTL", `${on.prefix}:lock:${id}`)) > 30_000,
    left: true,
  },
  {
    name: "extendLock of a lost lock: false",
    script: scripts.extendScript,
    prepare: (on, id) => on.raw.ask("SET", `${on.prefix}:lock:${id}`, "other"),
    call: (on, id) => on.state.extendLock({ threadId: id, token: "t", expiresAt: 0 }, 60_000),
    result: false,
    stored: (on, id) => on.raw.ask("PTTL", `${on.prefix}:lock:${id}`),
    left: -1,
  },
  {
    name: "releaseLock",
    script: scripts.releaseScript,
    prepare: async (on, id) =>
      (on.locks[id] = (await on.onlooker.acquireLock(id, 5_000)) ?? another),
    call: (on, id) => on.state.releaseLock(on.locks[id]!),
    result: undefined,
    stored: lockOf,
    left: null,
  },
  {
    name: "forceReleaseLock",
    script: scripts.deleteScript,
    prepare: (on, id) => on.onlooker.acquireLock(id, 5_000),
    call: (on, id) => on.state.forceReleaseLock(id),
    result: undefined,
    stored: lockOf,
    left: null,
  },
  {
    name: "set",
    script: scripts.setScript,
    call: (on, id) => on.state.set(id, { a: 1 }, 60_000),
    result: undefined,
    stored: cacheOf,
    left: '{"a":1}',
  },
  {
    name: "setIfNotExists of a new key: true",
    script: scripts.setScript,
    call: (on, id) => on.state.setIfNotExists(id, true, 60_000),
    result: true,
    stored: cacheOf,
    left: "true",
  },
  {
    name: "setIfNotExists of a key that is there: false",
    script: scripts.setScript,
    prepare: (on, id) => on.onlooker.set(id, "other"),
    call: (on, id) => on.state.setIfNotExists(id, "mine"),
    result: false,
    stored: cacheOf,
    left: '"other"',
  },
  {
    name: "delete",
    script: scripts.deleteScript,
    prepare: (on, id) => on.onlooker.set(id, 1),
    call: (on, id) => on.state.delete(id),
    result: undefined,
    stored: cacheOf,
    left: null,
  },
  {
    name: "appendToList: once, and none falls out for it",
    script: scripts.pushScript,
    prepare: (on, id) => on.raw.ask("RPUSH", `${on.prefix}:list:${id}`, "1", "2"),
    call: (on, id) => on.state.appendToList(id, 3, { maxLength: 3, ttlMs: 60_000 }),
    result: undefined,
    stored: listOf,
    left: [1, 2, 3],
  },
  {
    name: "enqueue: once, with the depth that it came to",
    script: scripts.pushScript,
    prepare: (on, id) => enqueued(on, id, "a"),
    call: (on, id) => on.state.enqueue(id, entryOf("b"), 2),
    result: 2,
    stored: queueOf,
    left: ["a", "b"],
  },
  {
    name: "dequeue: the entry that it took",
    script: scripts.takeScript,
    prepare: (on, id) => enqueued(on, id, "a", "b"),
    call: async (on, id) => textOf(await on.state.dequeue(id)),
    result: "a",
    stored: queueOf,
    left: ["b"],
  },
  {
    name: "dequeue, as it looks",
    script: scripts.peekScript,
    prepare: (on, id) => enqueued(on, id, "a", "b"),
    call: async (on, id) => textOf(await on.state.dequeue(id)),
    result: "a",
    stored: queueOf,
    left: ["b"],
  },
  {
    name: "dequeue, as it puts an entry aside: once",
    script: scripts.pushScript,
    prepare: (on, id) => enqueued(on, id, "junk", "b", "c"),
    call: async (on, id) => textOf(await on.state.dequeue(id)),
    result: "b",
    stored: async (on, id) => [await deadOf(on, id), await queueOf(on, id)],
    left: [["junk"], ["c"]],
  },
  {
    name: "dequeue, as it takes what it has put aside: no entry is skipped",
    script: scripts.takeScript,
    prepare: (on, id) => enqueued(on, id, "junk", "b", "c"),
    call: async (on, id) => textOf(await on.state.dequeue(id)),
    result: "b",
    stored: async (on, id) => [await deadOf(on, id), await queueOf(on, id)],
    left: [["junk"], ["c"]],
  },
  {
    name: "subscribe",
    script: scripts.addMemberScript,
    call: (on, id) => on.state.subscribe(id),
    result: undefined,
    stored: subscribed,
    left: true,
  },
  {
    name: "unsubscribe",
    script: scripts.removeMemberScript,
    prepare: (on, id) => on.onlooker.subscribe(id),
    call: (on, id) => on.state.unsubscribe(id),
    result: undefined,
    stored: subscribed,
    left: false,
  },
];

// Of the second no hash tag can be made.
const IDS: [id: string, times: number][] = [
  ["C1:{a b}/1.1", 1],
  ["a}b", 2],
];

describe.concurrent.each(SCRIPT_CLIENTS)("%s: a lost reply does not show", (kind) => {
  it.for(CASES)("$name", async ({ script, prepare, call, result, stored, left }, test) => {
    const on = await setUpFaulty(kind, test);
    for (const [id, times] of IDS) {
      await prepare?.(on, id);
      const lost = loseReplies(on.endpoint, script, times);
      expect(await call(on, id), `the result for ${id}`).toEqual(result);
      await lost;
      expect(await stored(on, id), `what is stored for ${id}`).toEqual(left);
    }
  });
});
