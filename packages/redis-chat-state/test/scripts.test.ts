import { expect, inject, it } from "vitest";
import { connect } from "../../redis-stream-store/test/clients.ts";
import * as scripts from "../src/scripts.generated.ts";

it.each(Object.values(scripts))("$name.lua has the hash that Redis works out", async (script) => {
  const redis = connect(inject("redisUrl"));
  expect(await redis.script("LOAD", script.source)).toBe(script.sha1);
});
