import { describe, expect, it } from "vitest";
import type { ScriptReply, ScriptRunner } from "./redis-driver.ts";
import { checkedAtFirstUse } from "./server-check.ts";

/** A server that says it is of that version. */
const serverOf =
  (version: string): ScriptRunner =>
  async ({ name }): Promise<ScriptReply> => [1, name === "server" ? version : "done"];

const script = { name: "mine", source: "", sha1: "" };
const need = { who: "a thing of 7", major: 7, minor: 0 };

describe("what needs a newer server than all else does", () => {
  it.each(["5.0.14", "6.0.20", "6.2.14"])("is refused on %s", async (version) => {
    await expect(checkedAtFirstUse(serverOf(version), need)(script, [], [])).rejects.toMatchObject({
      code: "UNSUPPORTED",
      message: `this server is Redis ${version}: a thing of 7 needs Redis 7.0 or Valkey 7.2`,
    });
  });

  it.each(["7.0.0", "7.2.4", "8.2.1", "10.0.0", ""])("runs on %j", async (version) => {
    expect(await checkedAtFirstUse(serverOf(version), need)(script, [], [])).toEqual([1, "done"]);
  });
});
