import { spawnNode, startRedis } from "@streambed/test-kit";
import { expect, it } from "vitest";
import type { ClientKind } from "./support-clients.ts";
import type { LeakOptions, LeakReport } from "./support-leaks-main.ts";

/** `pnpm bench come-and-go` lets a thousand come and go. */
const STREAMS = 400;
const MAIN = new URL("support-leaks-main.ts", import.meta.url);

const RUNS: [name: string, kind: ClientKind, push: boolean][] = [
  ["ioredis 6", "ioredis 6", false],
  ["ioredis 6, push", "ioredis 6", true],
  ["node-redis 6, push", "node-redis 6", true],
  ["Upstash", "Upstash", false],
  ["eight methods", "eight methods", false],
];

it.concurrent.for(RUNS)(
  `${STREAMS} streams leave nothing behind: %s`,
  { timeout: 150_000 },
  async ([, kind, push]) => {
    await using redis = await startRedis();
    const options: LeakOptions = { kind, push, url: redis.url, streams: STREAMS };
    await using child = await spawnNode(MAIN, {
      nodeArgs: ["--expose-gc"],
      env: { LEAKS: JSON.stringify(options) },
    });
    const [, json = ""] = await child.waitForLine(/^report=(.*)$/, 140_000);
    const { before, after, most } = JSON.parse(json) as LeakReport;
    if (process.env.STREAMBED_SLOW === "1") console.log(kind, push, before, after, most);
    expect(most.tails, "there was something to leave behind").toBeGreaterThan(0);
    if (push) expect(most.channels).toBeGreaterThan(0);

    expect(after.objects.StreamTail).toBe(0);
    // Some are the clients' own, and few; what the store leaked would be hundreds.
    expect(after.objects.Timeout).toBeLessThan(before.objects.Timeout + 20);
    expect(after.objects.Promise).toBeLessThan(before.objects.Promise + 100);
    // V8 keeps the last strings that it searched or joined.
    expect(after.ids, "ids of gone streams in memory").toBeLessThan(20);
    expect(after.heapUsed).toBeLessThan(before.heapUsed * 1.1);
    expect(after.listeners).toEqual(before.listeners);
    expect(after.resources.length).toBeLessThanOrEqual(before.resources.length + 2);
    expect(after).toMatchObject({ channels: 0, subscribed: 0 });
    expect(after.connections).toBe(before.connections);
  },
);
