import { setTimeout as sleep } from "node:timers/promises";
import { type Address, type RespArgument, RespConnection } from "./resp-connection.ts";
import type { RespValue } from "./resp-parser.ts";

/** One command on a connection of its own. */
export async function askRedis(address: Address, ...args: RespArgument[]): Promise<RespValue> {
  await using connection = await RespConnection.open(address);
  return await connection.command(...args);
}

/** Tries again until the condition holds, and counts an error as "not yet". @param what what is waited for, for the error */
export async function pollUntil(
  what: string,
  timeoutMs: number,
  condition: () => Promise<boolean>,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      if (await condition()) return;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline)
      throw new Error(`Not within ${timeoutMs} ms: ${what}.`, { cause: last });
    await sleep(50);
  }
}
