import { expect, inject, it } from "vitest";
import * as scripts from "../src/scripts.generated.ts";
import { connect } from "./clients.ts";

it.each(Object.values(scripts))("$name.lua has the hash that Redis works out", async (script) => {
  const redis = connect(inject("redisUrl"));
  expect(await redis.script("LOAD", script.source)).toBe(script.sha1);
});
