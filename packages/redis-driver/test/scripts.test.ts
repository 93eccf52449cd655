import { Redis } from "ioredis";
import { expect, inject, it, onTestFinished } from "vitest";
import * as scripts from "../src/scripts.generated.ts";

it.each(Object.values(scripts))("$name.lua has the hash that Redis works out", async (script) => {
  const redis = new Redis(inject("redisUrl"));
  onTestFinished(() => redis.disconnect());
  expect(await redis.script("LOAD", script.source)).toBe(script.sha1);
});
