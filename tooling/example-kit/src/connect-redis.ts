import { Redis } from "ioredis";

/** The Redis that `REDIS_URL` names; undefined without one. Throws if it cannot be reached. */
export async function connectRedis(env: NodeJS.ProcessEnv): Promise<Redis | undefined> {
  if (!env.REDIS_URL) return undefined;
  const redis = new Redis(env.REDIS_URL, { lazyConnect: true });
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
  return redis;
}
