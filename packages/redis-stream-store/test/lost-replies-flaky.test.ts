import { createDurableStream } from "@streambed/core";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, inject, it } from "vitest";
import { RedisStreamStore } from "../src/index.ts";
import type { RedisStreamStoreOptions } from "../src/index.ts";
import { randomPrefix } from "./clients.ts";
import { connectClient, openFaultyEndpoint, openRaw, seededRandom } from "./support-clients.ts";
import { SCRIPT_CLIENTS } from "./support-clients.ts";

const CHUNKS = 2_000;
/** What may look like something else on its way: JSON, numbers, marks, line ends, other scripts. */
const TEXTS = [
  "",
  " ",
  "0",
  "1e400",
  "null",
  '{"a":[]}',
  "=",
  "\u{feff}x",
  "a\r\nb",
  "\0",
  "é😀漢",
];

const OPTIONS: Record<string, RedisStreamStoreOptions> = {
  "the store repeats": {},
  // The store gives up so soon that the engine has to repeat the append.
  "the engine repeats": { timeoutMs: 500, retryForMs: 1 },
};

it.concurrent.for(
  SCRIPT_CLIENTS.flatMap((kind, i) =>
    Object.keys(OPTIONS).map((who, j) => ({ kind, who, seed: 10 * i + j })),
  ),
)(
  `${CHUNKS} chunks, while replies get lost and connections are cut: $kind, $who`,
  { timeout: 60_000 },
  async ({ kind, who, seed }, test) => {
    const random = seededRandom(seed);
    const redisUrl = inject("redisUrl");
    const prefix = randomPrefix();
    const endpoint = await openFaultyEndpoint(kind, redisUrl);
    test.onTestFinished(() => endpoint[Symbol.asyncDispose]());
    const { client } = await endpoint.connect();
    const direct = await connectClient("ioredis 6", redisUrl);
    test.onTestFinished(() => direct[Symbol.asyncDispose]());
    const store = new RedisStreamStore(client, { ...OPTIONS[who], prefix });
    const reader = new RedisStreamStore(direct.client, { prefix });

    const faults = { lost: 0, cut: 0, held: 0 };
    const source = async function* (): AsyncGenerator<string> {
      const randomGap = seededRandom(seed + 1_000);
      let gap = 3;
      endpoint.losesReplies(([command = ""]) => {
        if (!/^EVAL/i.test(command) || --gap > 0) return false;
        gap = 2 + Math.floor(randomGap() * 12);
        faults.lost++;
        return true;
      });
      for (const [n, token] of tokens.entries()) {
        yield token;
        // Pauses, so that it takes some hundred appends.
        if (n % 5 === 0) await sleep(1);
        // Not node-redis 5: cut off while it reconnects, it hangs for good (its socket is dead, and it says ready).
        if (kind !== "node-redis 5" && random() < 0.004) {
          endpoint.proxy.cut();
          faults.cut++;
        }
        if (random() < 0.001) {
          // Longer than a call of the hasty store may take: an attempt that is given up arrives late.
          endpoint.proxy.blackhole(true);
          await sleep(700);
          endpoint.proxy.blackhole(false);
          faults.held++;
        }
      }
    };
    const tokens = Array.from({ length: CHUNKS }, (_, n) => `${n}${TEXTS[n % TEXTS.length]}`);
    // Connected, and every script known: what fails from here on is made to.
    await new RedisStreamStore(client, { prefix }).create("warm");
    const { id, finished } = await createDurableStream({ store, source });
    const chunks: string[] = [];
    const follower = reader.readFrom(id, 0);
    let next = await follower.next();
    for (; next.done !== true; next = await follower.next()) {
      expect(next.value.seq).toBe(chunks.push(next.value.data));
    }
    endpoint.losesReplies(() => false);
    expect(next.value).toEqual({ state: "done", totalChunks: CHUNKS });
    expect(await finished).toEqual(next.value);
    const expected = tokens.map((token) => `\x01${token}`);
    expect(chunks).toEqual(expected);
    const raw = await openRaw(redisUrl);
    test.onTestFinished(() => raw.close());
    const stored = (await raw.command("LRANGE", `${prefix}:${id}:chunks`, 0, -1)) as Buffer[];
    expect(stored.map(String)).toEqual(expected);
    expect(faults.lost, JSON.stringify(faults)).toBeGreaterThan(2);
    if (process.env.STREAMBED_SLOW) console.log(kind, who, faults, endpoint.proxy.counts);
  },
);
