import { expect, it } from "vitest";
import * as scripts from "../src/scripts.generated.ts";
import { connect } from "./run-logs.ts";

it.each(Object.values(scripts))("$name.lua has the hash that Redis works out", async (script) => {
  expect(await connect().script("LOAD", script.source)).toBe(script.sha1);
});
