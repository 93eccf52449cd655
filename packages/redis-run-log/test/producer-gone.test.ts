import { setTimeout as sleep } from "node:timers/promises";
import { spawnNode } from "@streambed/test-kit";
import { describe, expect, inject, it } from "vitest";
import type { TestContext } from "vitest";
import { seededRandom, until } from "../../redis-stream-store/test/support-clients.ts";
import { readRunLog } from "../src/index.ts";
import { asEntries, chunksOf, codeOf, LOST, setUpWriting, sse } from "./support-writing.ts";
import type { RunProducerOptions } from "./support-run-producer-main.ts";

const MAIN = new URL("support-run-producer-main.ts", import.meta.url);

/** A producer of its own process, which writes until it is ended, and who looks on. */
async function setUp(test: TestContext, options: Partial<RunProducerOptions>) {
  const on = await setUpWriting(test);
  const producer: RunProducerOptions = {
    ...{ url: inject("redisUrl"), prefix: on.prefix, how: "writes" },
    ...{ leaseMs: 600, flushIntervalMs: 300, everyMs: 5, chunks: 1_000_000, ...options },
  };
  const child = await spawnNode(MAIN, { env: { PRODUCER: JSON.stringify(producer) } });
  test.onTestFinished(() => child[Symbol.asyncDispose]());
  const accepted = (): number => child.stdout.filter((line) => line.startsWith("accepted")).length;
  return { ...on, child, accepted };
}

/** All that a reader sees, and how the run ended. */
async function follow({ client, prefix }: Awaited<ReturnType<typeof setUp>>) {
  const data: string[] = [];
  const reader = readRunLog(client, "r", { prefix });
  let next = await reader.next();
  for (; next.done !== true; next = await reader.next()) data.push(next.value.data);
  return { data, end: next.value };
}

/** What comes in one interval may be missing, and what comes while a flush is under way. */
const KILLS = [
  { moment: 1, flushIntervalMs: 300, everyMs: 5, most: 60 },
  { moment: 2, flushIntervalMs: 50, everyMs: 1, most: 50 },
  { moment: 3, flushIntervalMs: 300, everyMs: 5, most: 60 },
];

describe.concurrent.each(["writes", "pipes"] as const)("a process that %s and is killed", (how) => {
  it.for(KILLS)(
    "at any moment ($moment) leaves a prefix, at most what one flush takes less, and readers are told",
    { timeout: 60_000 },
    async ({ moment, most, ...options }, test) => {
      const random = seededRandom(moment + (how === "pipes" ? 100 : 0));
      const leaseMs = 600;
      const on = await setUp(test, { ...options, how, leaseMs });
      await on.child.waitForLine(/^accepted 1$/, 30_000);
      await until(async () => (await on.entries("r")).length > 0);
      const following = follow(on);
      await sleep(random() * 900);
      await on.child.kill("SIGKILL");
      const killedAt = performance.now();
      const { data, end } = await following;
      const toldAfter = performance.now() - killedAt;
      const stored = data.length - 1;
      expect(data).toEqual([...chunksOf(stored), LOST]);
      expect(end).toEqual({ state: "error", error: "producer lost", totalChunks: data.length });
      expect(await on.entries("r")).toEqual(asEntries(data, { complete: true }));
      // With room: a machine that is busy flushes late, and the process that is killed is as busy.
      expect(on.accepted() - stored, "accepted and missing").toBeLessThanOrEqual(3 * most);
      expect(on.accepted()).toBeGreaterThanOrEqual(stored);
      expect(toldAfter).toBeLessThan((how === "pipes" ? 1 : 2) * leaseMs + 3_000);
    },
  );
});

describe.concurrent("a process that writes and is killed", { timeout: 60_000 }, () => {
  it("is followed by the next, which goes on with the next seq once the lease has lapsed", async (test) => {
    const on = await setUp(test, { leaseMs: 1_500, flushIntervalMs: 20 });
    await until(async () => (await on.entries("r")).length > 10);
    await on.child.kill("SIGKILL");
    const before = await on.entries("r");
    const next = on.writer({ leaseMs: 1_500 });
    const whole = follow(on);
    let outcome: number | string = "ALREADY_EXISTS";
    await until(async () => {
      outcome = await next.writeChunk("r", sse("next life")).catch(codeOf);
      return outcome !== "ALREADY_EXISTS";
    });
    expect(outcome).toBe(before.length + 1);
    await next.markComplete("r");
    const { data, end } = await whole;
    expect(data.slice(0, -2)).toEqual(before.map((entry) => entry.data));
    expect(end).toEqual({ state: "done", totalChunks: before.length + 2 });
  });
});

describe.concurrent(
  "a process that is frozen for longer than its lease",
  { timeout: 60_000 },
  () => {
    it("writes: it wakes fenced, and stores nothing behind the next writer", async (test) => {
      const on = await setUp(test, { leaseMs: 2_000, flushIntervalMs: 20 });
      await until(async () => (await on.entries("r")).length > 10);
      process.kill(on.child.pid, "SIGSTOP");
      const next = on.writer({ leaseMs: 60_000 });
      await until(() =>
        next.writeChunk("r", sse("next life")).then(
          () => true,
          () => false,
        ),
      );
      await until(async () => (await on.entries("r")).at(-1)?.data === sse("next life"));
      const before = await on.entries("r");
      process.kill(on.child.pid, "SIGCONT");
      await on.child.waitForLine(/^exhausted$/, 30_000);
      const refusals = on.child.stdout.filter((line) => line.startsWith("refused"));
      expect(refusals).toEqual(Array.from({ length: 4 }, () => "refused FENCED"));
      expect(await on.entries("r")).toEqual(before);
      await next.markComplete("r");
      expect(await on.entries("r")).toHaveLength(before.length + 1);
    });

    it("writes nothing at the time: the same, though the next writer has left again", async (test) => {
      const on = await setUp(test, { leaseMs: 2_000, flushIntervalMs: 20, chunks: 3 });
      await until(async () => (await on.entries("r")).length === 3);
      process.kill(on.child.pid, "SIGSTOP");
      const next = on.writer({ leaseMs: 60_000 });
      await until(() =>
        next.writeChunk("r", sse("next life")).then(
          () => true,
          () => false,
        ),
      );
      await next.stop();
      const [before, meta] = [await on.entries("r"), await on.meta("r")];
      process.kill(on.child.pid, "SIGCONT");
      // Its heartbeats change nothing, not even how long the run is waited for.
      await sleep(2_500);
      expect(await on.entries("r")).toEqual(before);
      expect(await on.meta("r")).toEqual(meta);
    });

    it.for(["writes", "pipes"] as const)(
      "%s: it wakes after the run was declared lost, and changes nothing",
      async (how, test) => {
        const on = await setUp(test, { how, leaseMs: 500, flushIntervalMs: 20 });
        await until(async () => (await on.entries("r")).length > 10);
        process.kill(on.child.pid, "SIGSTOP");
        await until(async () => (await on.onlooker.getStatus("r"))?.state === "error");
        const [before, meta] = [await on.entries("r"), await on.meta("r")];
        process.kill(on.child.pid, "SIGCONT");
        await on.child.waitForLine(/^exhausted$/, 30_000);
        if (how === "pipes") {
          expect(on.child.stdout).toContain("aborted");
          expect(on.child.stdout).toContain("finished error");
        } else {
          expect(on.child.stdout.filter((line) => line === "refused NOT_ACTIVE")).toHaveLength(4);
        }
        expect(await on.entries("r")).toEqual(before);
        expect(await on.meta("r")).toEqual(meta);
        expect(before.at(-1)).toEqual({ seq: before.length, data: LOST, complete: "true" });
      },
    );
  },
);
