import { mkdirSync } from "node:fs";
import { dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { StreamStore } from "@streambed/core";
import { RedisStreamStore } from "@streambed/redis-stream-store";
import { SqliteStreamStore } from "@streambed/sqlite";
import { Redis } from "ioredis";

const DEFAULT_FILE = fileURLToPath(new URL("../.data/streams.db", import.meta.url));

/** Redis where the environment names one, otherwise a SQLite file. Throws if it cannot be reached. */
export async function openStore(
  env: NodeJS.ProcessEnv,
): Promise<{ store: StreamStore; name: string }> {
  if (env.REDIS_URL) return openRedis(env.REDIS_URL);
  const file = env.DATABASE_FILE || DEFAULT_FILE;
  mkdirSync(dirname(file), { recursive: true });
  return { store: new SqliteStreamStore(file), name: `SQLite, ${relative("", file)}` };
}

async function openRedis(url: string): Promise<{ store: StreamStore; name: string }> {
  const redis = new Redis(url, { lazyConnect: true });
  const { host, port } = redis.options;
  let up = false;
  let problem = "";
  redis.on("ready", () => {
    up = true;
    problem = "";
  });
  redis.on("error", ({ message, code }: NodeJS.ErrnoException) => {
    // ioredis goes on trying: one line for each kind of trouble, not for each try.
    const news = message || String(code);
    if (up && news !== problem) console.error(`Redis: ${news}`);
    problem = news;
  });
  await redis.connect().catch((error: unknown) => {
    redis.disconnect();
    throw new Error(`Redis at ${host}:${port} cannot be used: ${problem}`, { cause: error });
  });
  return { store: new RedisStreamStore(redis), name: `Redis at ${host}:${port}` };
}
