import type { RedisScript } from "@streambed/redis-driver";
import { expect, inject, it } from "vitest";
import { connect } from "../../redis-stream-store/test/clients.ts";
import * as scripts from "../src/scripts.generated.ts";
import { randomPrefix } from "./support-states.ts";

it.each(Object.values(scripts))("$name.lua has the hash that Redis works out", async (script) => {
  const redis = connect(inject("redisUrl"));
  expect(await redis.script("LOAD", script.source)).toBe(script.sha1);
});

it("an entry is known by its text where the server has no sha1hex", async () => {
  const redis = connect(inject("redisUrl"));
  const key = randomPrefix();
  const run = ({ source }: RedisScript, ...args: string[]) => {
    const without = "local redis = setmetatable({ sha1hex = false }, { __index = redis })\n";
    return redis.eval(without + source, 2, key, `${key}:${args.at(-1)}`, "=", ...args);
  };
  await redis.rpush(key, "a", "b");
  expect(await run(scripts.peekScript)).toEqual(["=a", "=a"]);
  expect(await run(scripts.takeScript, "1000", "b")).toEqual([0]);
  expect(await run(scripts.takeScript, "1000", "a")).toEqual([1]);
  expect(await redis.lrange(key, 0, -1)).toEqual(["b"]);
  await redis.del(key);
  expect(await run(scripts.peekScript)).toEqual([]);
});
