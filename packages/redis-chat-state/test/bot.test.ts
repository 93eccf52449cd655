import { setTimeout as sleep } from "node:timers/promises";
import { pollUntil } from "@streambed/test-kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestContext } from "vitest";
import { seededRandom, until } from "../../redis-stream-store/test/support-clients.ts";
import type { QueueFormat } from "../src/index.ts";
import { setUpBots, startHost } from "./support-bots.ts";
import type { Bots, Host } from "./support-bots.ts";
import type { BotOptions } from "./support-bot-main.ts";
import { fatesOf, indexer, mostAtOnce, tally } from "./support-journal.ts";
import type { JournalEvent, StateKind } from "./support-journal.ts";
import type { PlatformMessage } from "./support-platform.ts";

let hosts: [Host, Host];
beforeAll(async () => void (hosts = await Promise.all([startHost(), startHost()])));
afterAll(() => Promise.all(hosts.map((host) => host.child.kill())));

/** A bot in each of the two processes. */
function setUp(
  test: TestContext,
  concurrency: BotOptions["concurrency"],
  [one, other]: [StateKind, StateKind] = ["node-redis", "ioredis"],
  queueFormat?: QueueFormat,
): Promise<Bots> {
  return setUpBots(test, [
    { host: hosts[0], state: one, concurrency, queueFormat },
    { host: hosts[1], state: other, concurrency, queueFormat },
  ]);
}

const THREADS = Array.from({ length: 20 }, (_, n) => `platform:C{${n % 3}}:“${n}”`);
/** Of each thread; so many that, with all of them waiting, its queue is just not full. */
const MESSAGES = 10;

function message(id: string, threadId: string, ms: PlatformMessage["ms"]): PlatformMessage {
  return { id, threadId, ms, text: `Hey @bot, “${id}” — žluťoučký 🐎` };
}

/** 200 messages in two and a half seconds, each to one of the two at random. */
async function deliverAll(bots: Bots, seed: number): Promise<string[]> {
  const random = seededRandom(seed);
  const all = THREADS.flatMap((threadId, t) =>
    Array.from({ length: MESSAGES }, (_, n) => message(`${t}.${n}`, threadId, random() * 150)),
  );
  await Promise.all(
    all.map(async (one) => {
      const [to, at] = [random() < 0.5 ? 0 : 1, random() * 2_500];
      await sleep(at);
      await bots.deliver(to, one);
    }),
  );
  return all.map(({ id }) => id);
}

/**
 * The Chat SDK leaves a message in the queue that came after the holder of the lock had found it empty and before
 * the lock was gone (https://github.com/vercel/chat/issues/928). No state adapter can help that: it is handled with
 * the thread's next message, and so it is here. Nothing else may be left: it must have been on its way when the
 * thread's last handler had ended, and have found another message's lock.
 */
async function sweep(bots: Bots): Promise<string[]> {
  const [journal, left] = [await bots.journal(), await bots.queued()];
  const at = indexer(journal);
  for (const { id, threadId } of left) {
    const others = journal.filter((event) => event.threadId === threadId && event.id !== id);
    const lastEnd = journal.findLastIndex((e) => e.threadId === threadId && e.what === "ended");
    expect(at("answered", id), `${id} was left`).toBeGreaterThan(lastEnd);
    const lastHolder = Math.max(...others.map((other) => at("answered", other.id)));
    expect(at("received", id), `${id} was left`).toBeLessThan(lastHolder);
  }
  const last = THREADS.map((threadId, t) => message(`${t}.last`, threadId, 0));
  await Promise.all(last.map((one) => bots.deliver(0, one)));
  return last.map(({ id }) => id);
}

/** What holds of every strategy with locks. */
async function expectOneAtATime(bots: Bots, journal: JournalEvent[]): Promise<void> {
  expect(new Set(mostAtOnce(journal).values())).toEqual(new Set([1]));
  for (const threadId of new Set(journal.map((event) => event.threadId))) {
    const started = journal.filter((e) => e.threadId === threadId && e.what === "started");
    // The first subscribes, and all others know; and no count is lost.
    expect(started.map(({ isFirst }) => isFirst)).toEqual(started.map((_, n) => n === 0));
    expect(await bots.counted(threadId)).toBe(started.length);
  }
  expect(await bots.keys("lock:*")).toEqual([]);
  expect(await bots.keys("queue:*")).toEqual([]);
}

/** The contexts of the handlers: complete, in the order of arrival, and of messages that either process took in. */
function expectContexts(journal: JournalEvent[]): void {
  const at = indexer(journal);
  const takenBy = new Map(
    journal.filter(({ what }) => what === "received").map(({ id, by }) => [id, by]),
  );
  let fromTheOther = 0;
  for (const { what, by, id, skipped, total } of journal) {
    if (what !== "started" || skipped === undefined) continue;
    const all = [...skipped, id];
    expect(total).toBe(all.length);
    fromTheOther += all.filter((one) => takenBy.get(one) !== by).length;
    all.forEach((later, n) => {
      const overtaken = all
        .slice(0, n)
        .filter((one) => at("answered", later) < at("received", one));
      expect(overtaken, `came after ${later}`).toEqual([]);
    });
  }
  expect(fromTheOther).toBeGreaterThan(0);
}

const QUEUEING: [BotOptions["concurrency"], StateKind, StateKind, QueueFormat?][] = [
  ["queue", "node-redis", "ioredis"],
  [{ strategy: "debounce", debounceMs: 100 }, "node-redis", "ioredis"],
  [{ strategy: "burst", debounceMs: 100 }, "node-redis", "ioredis"],
  ["queue", "node-redis", "published state-ioredis"],
  ["queue", "ioredis", "published state-redis", "both"],
];

// They wait more than they compute: all side by side, the longest first.
describe.concurrent("bots of the Chat SDK in two processes", { timeout: 40_000 }, () => {
  it("keep the lock of a handler that takes longer than a heartbeat", async (test) => {
    const bots = await setUp(test, "drop");
    const lock = `${bots.prefix}:lock:t`;
    const delivered = bots.deliver(0, message("m", "t", "gate"));
    await until(() => bots.isLocked("t"));
    const token = await bots.raw.text("GET", lock);
    const left = async (): Promise<number> => Number(await bots.raw.text("PTTL", lock));
    // It is given 30 s and asks for as much every 10 s.
    await pollUntil("time goes by", 20_000, async () => (await left()) < 25_000);
    await pollUntil("a heartbeat", 20_000, async () => (await left()) > 28_000);
    expect(await bots.raw.text("GET", lock)).toBe(token);
    await bots.openGate(0);
    await delivered;
    expect(await bots.keys("lock:*")).toEqual([]);
  });

  it.for(QUEUEING)(
    "with %j, on %s and %s, have each of 200 messages handled, or skipped in one handler's context, once",
    async ([concurrency, one, other, queueFormat], test) => {
      const bots = await setUp(test, concurrency, [one, other], queueFormat);
      const ids = await deliverAll(bots, 1);
      ids.push(...(await sweep(bots)));
      const journal = await bots.journal();
      const fates = fatesOf(journal);
      expect(new Set(fates.keys())).toEqual(new Set(ids));
      const { handled, skipped, ...others } = tally(fates);
      expect(others).toEqual({});
      expect(handled! + skipped!).toBe(ids.length);
      expect(handled).toBeGreaterThanOrEqual(2 * THREADS.length);
      // How many depends on how busy the machine is.
      expect(skipped).toBeGreaterThan(0);
      expectContexts(journal);
      // The others wait before the first handler, so that each comes out of the queue.
      const started = journal.filter(({ what }) => what === "started");
      const hasDirect = started.some((event) => event.skipped === undefined);
      expect(hasDirect).toBe(concurrency === "queue");
      await expectOneAtATime(bots, journal);
    },
  );

  it("with drop, have each of 200 messages handled once, or refused because of another", async (test) => {
    const bots = await setUp(test, "drop");
    const ids = await deliverAll(bots, 2);
    const journal = await bots.journal();
    const fates = fatesOf(journal);
    expect(new Set(fates.keys())).toEqual(new Set(ids));
    const { handled, LOCK_FAILED: refused, ...others } = tally(fates);
    expect(others).toEqual({});
    expect(handled! + refused!).toBe(ids.length);
    expect(handled).toBeGreaterThanOrEqual(THREADS.length);
    await expectOneAtATime(bots, journal);

    const at = indexer(journal);
    const started = journal.filter(({ what }) => what === "started");
    let byTheOther = 0;
    for (const { id, threadId, by, error } of journal) {
      if (error === undefined) continue;
      const because = started.filter(
        (holder) =>
          holder.threadId === threadId &&
          at("received", holder.id) < at("answered", id) &&
          at("answered", holder.id) > at("received", id),
      );
      expect(because, `handled when ${id} was refused`).not.toEqual([]);
      if (because.every((holder) => holder.by !== by)) byTheOther++;
    }
    expect(byTheOther).toBeGreaterThan(0);
  });

  it("with concurrent, have all of 200 messages handled once, several of a thread at a time", async (test) => {
    const bots = await setUp(test, "concurrent");
    const ids = await deliverAll(bots, 3);
    const journal = await bots.journal();
    expect(fatesOf(journal)).toEqual(new Map(ids.map((id) => [id, ["handled"]])));
    expect(Math.max(...mostAtOnce(journal).values())).toBeGreaterThan(1);
    const started = journal.filter(({ what }) => what === "started");
    expect(started.filter(({ skipped }) => skipped !== undefined)).toEqual([]);
    expect(await bots.keys("queue:*")).toEqual([]);
    expect(await bots.keys("lock:*")).toEqual([]);
  });

  it("handle once what is delivered to both, twice to each, at the same time", async (test) => {
    // No lock hides a second handler.
    const bots = await setUp(test, "concurrent");
    const all = Array.from({ length: 60 }, (_, n) => message(`${n}`, THREADS.at(n % 20)!, 5));
    const both = (n: number): number[] => (n % 2 === 0 ? [0, 1, 0, 1] : [1, 0, 1, 0]);
    await Promise.all(all.flatMap((one, n) => both(n).map((bot) => bots.deliver(bot, one))));
    const journal = await bots.journal();
    expect(tally(fatesOf(journal))).toEqual({ handled: 60 });
    const took = journal.filter(({ what }) => what === "received").map(({ by }) => by);
    expect(took.filter((by) => by === "ioredis")).toHaveLength(120);
    expect(took.filter((by) => by === "node-redis")).toHaveLength(120);
  });

  it.for(["drop-oldest", "drop-newest"] as const)(
    "with a queue of three, eight messages that wait, and %s, handle three of them",
    async (onQueueFull, test) => {
      const concurrency = { strategy: "queue", maxQueueSize: 3, onQueueFull } as const;
      const bots = await setUp(test, concurrency);
      const first = bots.deliver(0, message("0", "t", "gate"));
      await until(() => bots.isLocked("t"));
      for (let n = 1; n <= 8; n++) await bots.deliver(n % 2, message(`${n}`, "t", 0));
      await bots.openGate(0);
      await first;
      const handled = (await bots.journal())
        .filter(({ what }) => what === "started")
        .map(({ id, skipped }) => [...(skipped ?? []), id]);
      const kept = onQueueFull === "drop-oldest" ? ["6", "7", "8"] : ["1", "2", "3"];
      expect(handled).toEqual([["0"], kept]);
      const dropped = (await bots.journal()).filter(({ what }) => what === "message-dropped");
      const told = onQueueFull === "drop-oldest" ? [] : ["4", "5", "6", "7", "8"];
      expect(dropped.map(({ id }) => id)).toEqual(told);
    },
  );

  it("do not handle what has waited longer than it may, and go on", async (test) => {
    const concurrency = { strategy: "queue", queueEntryTtlMs: 100 } as const;
    const bots = await setUp(test, concurrency);
    const first = bots.deliver(0, message("0", "t", "gate"));
    await until(() => bots.isLocked("t"));
    for (const n of [1, 2, 3]) await bots.deliver(n % 2, message(`${n}`, "t", 0));
    await sleep(150);
    await bots.openGate(0);
    await first;
    await bots.deliver(1, message("4", "t", 0));
    const fates = Object.fromEntries(fatesOf(await bots.journal()));
    const expired = ["message-expired"];
    expect(fates).toEqual({ 0: ["handled"], 1: expired, 2: expired, 3: expired, 4: ["handled"] });
    expect(await bots.keys("queue:*")).toEqual([]);
  });

  it("go on without one that is killed, once its lock has lapsed", async (test) => {
    const victim = await startHost();
    test.onTestFinished(() => victim.child[Symbol.asyncDispose]());
    // In its queue a message outlives the process that took it in; in a handler, it does not.
    let underWay = 0;
    const killed = until(() => underWay === 3).then(() => victim.child.kill());
    const outlive = async (
      strategy: "drop" | "queue" | "burst",
      { refused, handled }: { refused: string[]; handled: string[][] },
    ): Promise<void> => {
      const slow = { strategy, debounceMs: 60_000 };
      const fast = { strategy, debounceMs: 50 };
      const bots = await setUpBots(test, [
        { host: victim, state: "ioredis", concurrency: slow },
        { host: hosts[0], state: "node-redis", concurrency: fast },
      ]);
      const first = message("first", "t", "gate");
      const lost = bots.deliver(0, first).catch(() => "gone");
      await until(async () =>
        strategy === "burst"
          ? (await bots.queued()).length === 1
          : (await bots.journal()).some(({ what }) => what === "started"),
      );
      await bots.deliver(1, message("before", "t", 0));
      underWay++;
      await killed;
      expect(await lost).toBe("gone");
      await bots.deliver(1, message("after", "t", 0));
      // The platform had no answer and delivers again: it is not begun twice.
      await bots.deliver(1, first);
      // The lock goes by itself, in 30 s: that is made shorter, not done.
      expect(Number(await bots.raw.text("PTTL", `${bots.prefix}:lock:t`))).toBeGreaterThan(0);
      await bots.raw.command("PEXPIRE", `${bots.prefix}:lock:t`, 300);
      await until(async () => !(await bots.isLocked("t")));
      await bots.deliver(1, message("next", "t", 0));

      const journal = await bots.journal();
      const errors = journal.filter(({ error }) => error !== undefined);
      expect(errors.map(({ id, error }) => [error, id])).toEqual(
        refused.map((id) => ["LOCK_FAILED", id]),
      );
      const started = journal.filter(({ what }) => what === "started");
      expect(started.map(({ by, id, skipped }) => [by, ...(skipped ?? []), id])).toEqual(handled);
      expect(await bots.queued()).toEqual([]);
      expect(await bots.isLocked("t")).toBe(false);
    };
    const lostOne = ["ioredis", "first"];
    const next = ["node-redis", "next"];
    await Promise.all([
      outlive("drop", { refused: ["before", "after"], handled: [lostOne, next] }),
      outlive("queue", {
        refused: [],
        handled: [lostOne, next, ["node-redis", "before", "after"]],
      }),
      outlive("burst", {
        refused: [],
        handled: [["node-redis", "first", "before", "after", "next"]],
      }),
    ]);
  });
});
