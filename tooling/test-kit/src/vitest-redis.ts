import type { TestProject } from "vitest/node";
import { sharedRedis } from "./start-redis.ts";

declare module "vitest" {
  interface ProvidedContext {
    redisUrl: string;
  }
}

/** A vitest `globalSetup`: one Redis for all test files, which find it by `inject("redisUrl")`. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const redis = await sharedRedis();
  project.provide("redisUrl", redis.url);
  return () => redis.stop();
}
