import { spawnNode } from "@streambed/test-kit";
import { expect, it } from "vitest";
import { setUpWriting, sse } from "./support-writing.ts";

const MAIN = new URL("support-exit-main.ts", import.meta.url);

it.concurrent.for(["writes", "pipes"])(
  "a process that %s and has nothing more to do ends by itself, with all stored",
  { timeout: 40_000 },
  async (how, test) => {
    const on = await setUpWriting(test, { kind: "Upstash" });
    const { url } = on.endpoint;
    const env = { EXIT: JSON.stringify({ url, prefix: on.prefix, how }) };
    await using child = await spawnNode(MAIN, { env });
    // 13: Node's word for an await that nothing will settle.
    expect([0, 13]).toContain((await child.exited).code);
    expect((await on.entries("r")).map(({ data }) => data)).toEqual([sse("a"), sse("b")]);
  },
);
