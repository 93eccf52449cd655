import { setImmediate as nextTick } from "node:timers/promises";
import type { StreamStatus } from "@streambed/core";
import { spawnNode } from "@streambed/test-kit";
import { describe, expect, inject, it, onTestFinished } from "vitest";
import { RedisStreamStore } from "../src/index.ts";
import { connect, randomPrefix } from "./clients.ts";
import { raceCreates } from "./support-create-race.ts";
import type { CreateOutcome } from "./support-create-race.ts";
import { openEndpoint, seededRandom } from "./support-clients.ts";
import type { ClientKind } from "./support-clients.ts";

const KINDS = ["ioredis 6", "node-redis 6", "Upstash", "eight methods"] as const;
const CREATE_PAIRS = 500;
const STOP_RACES = 1_000;
/** At a time, so that races also disturb one another. */
const AT_ONCE = 50;

/** Stores on connections of their own. */
async function openStores(kind: ClientKind, count: number, prefix: string) {
  const endpoint = await openEndpoint(kind, inject("redisUrl"));
  onTestFinished(() => endpoint[Symbol.asyncDispose]());
  const clients = await Promise.all(Array.from({ length: count }, () => endpoint.connect()));
  return clients.map(({ client }) => new RedisStreamStore(client, { prefix, pollIntervalMs: 20 }));
}

async function inGroups(count: number, race: (n: number) => Promise<void>): Promise<void> {
  for (let n = 0; n < count; n += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => race(n + i)));
  }
}

describe.each(KINDS)("%s", (kind) => {
  it(`${CREATE_PAIRS} pairs of creates: one winner each, whose stream it is`, async () => {
    const random = seededRandom(1);
    const stores = await openStores(kind, 2, randomPrefix());
    const wins = [0, 0];
    await inGroups(CREATE_PAIRS, async (n) => {
      const id = `s${n}`;
      // Whose command comes first differs, or one of the two would always win.
      const order = random() < 0.5 ? [0, 1] : [1, 0];
      const attempts: Promise<CreateOutcome>[] = [];
      for (const who of order) {
        attempts[who] = stores
          .at(who)!
          .create(id, { writer: `w${who}` })
          .then(() => "created", codeOf);
        // The second comes at once, or while the first is on its way, or behind it.
        for (let tick = Math.floor(random() * 12); tick > 0; tick--) await nextTick();
      }
      const outcomes = await Promise.all(attempts);
      expect([...outcomes].sort()).toEqual(["ALREADY_EXISTS", "created"]);
      const winner = outcomes.indexOf("created");
      wins[winner] = (wins[winner] ?? 0) + 1;
      const loser = 1 - winner;
      expect(await stores.at(loser)!.append(id, "x", { writer: `w${winner}` })).toBe(1);
      await expect(
        stores.at(winner)!.append(id, "x", { writer: `w${loser}` }),
      ).rejects.toMatchObject({
        code: "FENCED",
      });
    });
    expect(Math.min(...wins), `wins of each: ${wins}`).toBeGreaterThan(0);
  });

  it(`${STOP_RACES} stops against appends: the end stands, and nothing is behind it`, async () => {
    const random = seededRandom(2);
    const prefix = randomPrefix();
    const [producer, stopper, onlooker] = (await openStores(kind, 3, prefix)) as [
      RedisStreamStore,
      RedisStreamStore,
      RedisStreamStore,
    ];
    const redis = connect(inject("redisUrl"));
    const ends = { stopped: 0, done: 0 };
    // An append by plain commands is eight of them.
    const ticks = kind === "eight methods" ? 60 : 8;
    let refused = 0;

    await inGroups(STOP_RACES, async (n) => {
      const id = `s${n}`;
      const writer = `w${n}`;
      const sent: string[] = [];
      let acknowledged = 0;
      await producer.create(id, { writer, leaseMs: 60_000 });
      const endsItself = random() < 0.3;
      // The stop comes while a certain append is on its way, sooner or later, or behind the last.
      const [stopAt, stopAfter] = [1 + Math.floor(random() * 5), Math.floor(random() * ticks)];
      const { promise: stopTime, resolve: itIsStopTime } = Promise.withResolvers<void>();

      const produce = async (): Promise<void> => {
        using _ = { [Symbol.dispose]: itIsStopTime };
        for (let batch = 1; batch <= 4; batch++) {
          const chunks = Array.from({ length: batch }, (_, i) => `${n}.${batch}.${i}`);
          const end = endsItself && batch === 4 ? "done" : undefined;
          sent.push(...chunks);
          if (batch === stopAt) itIsStopTime();
          try {
            acknowledged = await producer.append(id, chunks, { writer, end });
          } catch (error) {
            expect(error).toMatchObject({ code: "NOT_ACTIVE" });
            refused++;
            return;
          }
          expect(acknowledged).toBe(sent.length);
        }
      };
      const stop = async (): Promise<StreamStatus> => {
        await stopTime;
        for (let i = 0; i < stopAfter; i++) await nextTick();
        await stopper.stop(id);
        return (await onlooker.getStatus(id))!;
      };
      /** Every chunk that a reader sees, and the end that it is told. */
      const read = async (): Promise<{ chunks: string[]; status: StreamStatus }> => {
        const chunks: string[] = [];
        const reader = onlooker.readFrom(id, 0);
        for (;;) {
          const next = await reader.next();
          if (next.done === true) return { chunks, status: next.value };
          expect(next.value.seq).toBe(chunks.length + 1);
          chunks.push(next.value.data);
        }
      };
      const [, status, live] = await Promise.all([produce(), stop(), read()]);

      expect(status.state).toMatch(/^(stopped|done)$/);
      ends[status.state as keyof typeof ends]++;
      const later = await Promise.all([producer, stopper, onlooker].map((s) => s.getStatus(id)));
      expect(later, "no other end, and never active again").toEqual([status, status, status]);
      expect(live.status).toEqual(status);
      expect(live.chunks).toEqual(sent.slice(0, status.totalChunks));
      expect((await read()).chunks).toEqual(live.chunks);
      expect(acknowledged, "acknowledged").toBeLessThanOrEqual(status.totalChunks);
      const held = await redis.llen(`${prefix}:${id}:chunks`);
      if (kind === "eight methods") expect(held).toBeGreaterThanOrEqual(status.totalChunks);
      else expect(held).toBe(status.totalChunks);
      await expect(producer.append(id, "late", { writer })).rejects.toMatchObject({
        code: "NOT_ACTIVE",
        state: status.state,
      });
    });
    // Some of all: it was a race.
    expect(refused, "refused").toBeGreaterThan(STOP_RACES / 20);
    expect(refused, "refused").toBeLessThan(STOP_RACES);
    expect(ends.stopped, "stopped").toBeGreaterThan(STOP_RACES / 2);
    expect(ends.done, "done").toBeGreaterThan(0);
  });
});

it(`${CREATE_PAIRS} pairs of creates of two processes: one winner each`, async () => {
  const url = inject("redisUrl");
  const prefix = randomPrefix();
  const race = { url, prefix, pairs: CREATE_PAIRS };
  await using child = await spawnNode(new URL("support-create-race-main.ts", import.meta.url), {
    env: { RACE: JSON.stringify(race) },
  });
  const ours = await raceCreates({ ...race, writer: "parent", redis: connect(url) });
  const [, json = ""] = await child.waitForLine(/^outcomes=(.*)$/);
  const theirs = JSON.parse(json) as CreateOutcome[];
  expect(theirs).toHaveLength(CREATE_PAIRS);
  const pairs = ours.map((outcome, n) => [outcome, theirs[n]].sort());
  expect(pairs).toEqual(pairs.map(() => ["ALREADY_EXISTS", "created"]));
});

function codeOf(error: unknown): CreateOutcome {
  return (error as { code: CreateOutcome }).code;
}
