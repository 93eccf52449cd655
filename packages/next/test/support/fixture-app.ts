import { fileURLToPath } from "node:url";
import { freePort, spawnNode } from "@streambed/test-kit";
import type { NodeProcess } from "@streambed/test-kit";
import { expect, onTestFinished } from "vitest";

const FIXTURE = fileURLToPath(new URL("../fixture", import.meta.url));
const NEXT = fileURLToPath(import.meta.resolve("next/dist/bin/next"));
const QUIET = { NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: undefined };

export async function buildFixture(): Promise<void> {
  await using build = await spawnNode(NEXT, { args: ["build"], cwd: FIXTURE, env: QUIET });
  const { code } = await build.exited;
  if (code !== 0) throw new Error([...build.stdout, ...build.stderr].join("\n"));
}

export interface FixtureApp {
  next: NodeProcess;
  /** Without a slash at its end. */
  url: string;
  /** Has the model say something, or, with `null`, end its answer. */
  say(text: string | null): Promise<void>;
  /** Who reads, and the timers that run in the server. */
  watch(): Promise<{ readers: number; heartbeats: number }>;
}

/** `next start` on what was built, for the length of a test. */
export async function startFixture(nodeArgs: string[] = []): Promise<FixtureApp> {
  const port = await freePort();
  const next = await spawnNode(NEXT, {
    args: ["start", "--port", String(port), "--hostname", "127.0.0.1"],
    cwd: FIXTURE,
    env: QUIET,
    nodeArgs,
  });
  onTestFinished(async () => {
    await next.kill();
    expect(next.stderr).toEqual([]);
  });
  await next.waitForLine(/Ready/);
  const url = `http://127.0.0.1:${port}/base`;
  return {
    next,
    url,
    async say(text) {
      await fetch(`${url}/script`, { method: "POST", body: text ?? "" });
    },
    async watch() {
      const response = await fetch(`${url}/script`);
      return (await response.json()) as { readers: number; heartbeats: number };
    },
  };
}
