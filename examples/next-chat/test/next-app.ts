import { fileURLToPath } from "node:url";
import { spawnNode } from "@streambed/test-kit";
import type { NodeProcess } from "@streambed/test-kit";

const FOLDER = fileURLToPath(new URL("..", import.meta.url));
const NEXT = fileURLToPath(import.meta.resolve("next/dist/bin/next"));
const ENV = {
  NEXT_TELEMETRY_DISABLED: "1",
  NODE_ENV: undefined,
  REDIS_URL: undefined,
  OPENAI_API_KEY: undefined,
};

export async function buildApp(): Promise<void> {
  await using build = await spawnNode(NEXT, { args: ["build"], cwd: FOLDER, env: ENV });
  const { code } = await build.exited;
  if (code !== 0) throw new Error([...build.stdout, ...build.stderr].join("\n"));
}

export async function startApp(port: number, databaseFile: string): Promise<NodeProcess> {
  const env = { ...ENV, DATABASE_FILE: databaseFile, LEASE_MS: "1500" };
  const args = ["start", "--port", String(port), "--hostname", "127.0.0.1"];
  const app = await spawnNode(NEXT, { args, cwd: FOLDER, env });
  await app.waitForLine(/Ready/);
  return app;
}
