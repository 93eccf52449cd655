// Three processes' adapters over three kinds of client, at random, against a model of who holds what.
import { createClient } from "redis";
import { expect, inject, it, onTestFinished } from "vitest";
import type { Lock } from "chat";
import { connect } from "../../redis-stream-store/test/clients.ts";
import { openEndpoint, seededRandom } from "../../redis-stream-store/test/support-clients.ts";
import { createIoRedisState, createRedisState } from "../src/index.ts";
import type { RedisStateAdapter } from "../src/index.ts";
import { openRawFor, randomPrefix, scriptClient } from "./support-states.ts";

const STEPS = 10_000;
const LANES = 20;
const TTL_MS = 600_000;
/** The token, and what is left of its time. */
const LOOK = "return { redis.call('GET', KEYS[1]), redis.call('PTTL', KEYS[1]) }";
const PATIENCE = { timeout: 90_000 };
const seed = Number(process.env.STREAMBED_SEED ?? Math.floor(Math.random() * 2 ** 31));

async function threeProcesses(keyPrefix: string): Promise<RedisStateAdapter[]> {
  const url = inject("redisUrl");
  const nodeRedis = createClient({ url });
  nodeRedis.on("error", () => {});
  await nodeRedis.connect();
  onTestFinished(() => nodeRedis.destroy());
  const upstash = await openEndpoint("Upstash", url);
  onTestFinished(() => upstash[Symbol.asyncDispose]());
  const states = [
    createIoRedisState({ client: connect(url), keyPrefix }),
    createRedisState({ client: nodeRedis, keyPrefix }),
    createRedisState({
      client: scriptClient(await upstash.connect()),
      keyPrefix,
      tokenPrefix: "rest",
    }),
  ];
  await Promise.all(states.map((state) => state.connect()));
  return states;
}

it(
  `one step after another, each comes to what the model says (seed ${seed})`,
  PATIENCE,
  async () => {
    const prefix = randomPrefix();
    const states = await threeProcesses(prefix);
    const raw = await openRawFor();
    // One lock is always gone through in order; twenty of them at once.
    await Promise.all(Array.from({ length: LANES }, (_, lane) => walk(lane)));

    async function walk(lane: number): Promise<void> {
      const random = seededRandom(seed + lane);
      const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
      const id = `t${lane}`;
      const key = `${prefix}:lock:${id}`;
      // Every lock that anybody was ever given, gone ones too.
      const known: Lock[] = [{ threadId: id, token: "redis_1700000000000_never", expiresAt: 0 }];
      let holder: Lock | undefined;
      let isLong = false;
      for (let step = 0; step < STEPS / LANES; step++) {
        // HTTP costs the most.
        const state = random() < 0.15 ? states[2]! : pick(states.slice(0, 2));
        // As often one that is held as one that is gone.
        const lock = holder !== undefined && random() < 0.4 ? holder : pick(known);
        const isHeld = lock === holder;
        const about = `seed ${seed}, lane ${lane}, step ${step}`;
        switch (pick(["acquire", "acquire", "extend", "release", "release", "force", "lapse"])) {
          case "acquire": {
            const taken = await state.acquireLock(id, TTL_MS);
            expect(taken !== null, about).toBe(holder === undefined);
            if (taken === null) break;
            known.push((holder = taken));
            isLong = false;
            break;
          }
          case "extend":
            expect(await state.extendLock(lock, 2 * TTL_MS), about).toBe(isHeld);
            isLong ||= isHeld;
            break;
          case "release":
            await state.releaseLock(lock);
            if (isHeld) holder = undefined;
            break;
          case "force":
            if (random() < 0.5) break;
            await state.forceReleaseLock(id);
            holder = undefined;
            break;
          case "lapse":
            if (random() < 0.5) break;
            // As when its time is up.
            await raw.ask("DEL", key);
            holder = undefined;
        }
        const [token, left] = (await raw.ask("EVAL", LOOK, "1", key)) as unknown[];
        expect(token, about).toBe(holder?.token ?? null);
        if (holder) expect(Number(left) > TTL_MS, about).toBe(isLong);
      }
    }
  },
);

it(
  `all at once, with locks that run out: nobody loses what is theirs (seed ${seed})`,
  PATIENCE,
  async () => {
    const states = await threeProcesses(randomPrefix());
    const holders = new Map<string, Lock>();
    let [kept, refused, lapsed, forced] = [0, 0, 0, 0];
    await Promise.all(
      Array.from({ length: 60 }, async (_, worker) => {
        const state = states[worker % states.length]!;
        const random = seededRandom(seed + 1_000 + worker);
        const gone: Lock[] = [];
        for (let round = 0; round < 40; round++) {
          const id = `t${Math.floor(random() * 8)}`;
          // Old locks are given back, prolonged and given back again while others hold the new one.
          for (const old of gone.slice(-2)) {
            expect(await state.extendLock(old, 60_000), `seed ${seed}`).toBe(false);
            await state.releaseLock(old);
          }
          const isShort = random() < 0.3;
          const lock = await state.acquireLock(id, isShort ? 5 : 60_000);
          if (lock === null) {
            refused++;
            continue;
          }
          gone.push(lock);
          if (isShort) {
            // Nobody counts on one that short: only that it goes.
            while (await state.extendLock(lock, 1));
            lapsed++;
            continue;
          }
          expect(holders.get(id), `two hold ${id}, seed ${seed}`).toBeUndefined();
          holders.set(id, lock);
          for (let i = 0; i < 3; i++) {
            expect(await state.extendLock(lock, 60_000), `${id} was lost, seed ${seed}`).toBe(true);
          }
          holders.delete(id);
          if (random() < 0.2) {
            await state.forceReleaseLock(id);
            forced++;
          } else await state.releaseLock(lock);
          kept++;
        }
      }),
    );
    expect(Math.min(kept, refused, lapsed, forced), "all of it happened").toBeGreaterThan(20);
  },
);
