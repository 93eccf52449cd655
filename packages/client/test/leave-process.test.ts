import { spawnNode } from "@streambed/test-kit";
import { expect, test } from "vitest";
import { event, openStream } from "./support/answers.ts";
import { rawServer } from "./support/raw-server.ts";

test("a thousand readers that have left cost nothing, and do not keep a process alive", async () => {
  const server = await rawServer(openStream(event(1, "a")));
  await using process = await spawnNode(new URL("support/leaver.ts", import.meta.url), {
    args: [server.url],
    nodeArgs: ["--expose-gc"],
  });
  const [line] = await process.waitForLine(/^\{.*/, 40_000);
  const at = performance.now();
  expect(await process.exited).toEqual({ code: 0, signal: null });
  // Not after any timer of a reader has run out.
  expect(performance.now() - at).toBeLessThan(5_000);
  const { growth, ...rest } = JSON.parse(line) as { growth: number };
  expect(rest).toEqual({ during: 8, listeners: 0, warnings: [], reason: "Error: left" });
  expect(growth).toBeLessThan(1.2);
  expect(server.requests).toHaveLength(1_209);
  await expect.poll(() => server.sockets.size).toBe(0);
}, 60_000);
