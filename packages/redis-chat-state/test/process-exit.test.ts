import { freePort, spawnNode } from "@streambed/test-kit";
import { expect, inject, it } from "vitest";

const MAIN = new URL("support-lifecycle-main.ts", import.meta.url);

it("a process ends by itself once its adapters are disconnected, or could not connect", async () => {
  const env = {
    REDIS_URL: inject("redisUrl"),
    DEAD_URL: `redis://127.0.0.1:${await freePort()}`,
  };
  await using child = await spawnNode(MAIN, { env });
  await child.waitForLine(/^done$/, 15_000);
  const doneAt = performance.now();
  expect(await child.exited).toEqual({ code: 0, signal: null });
  // A client of node-redis sleeps through its last pause before another attempt.
  expect(performance.now() - doneAt).toBeLessThan(5_000);
  expect(child.stdout.filter((line) => line.includes("cannot be reached"))).toHaveLength(2);
});
