import type { ScriptRunner } from "@streambed/redis-driver";
import { readToken } from "./lock-token.ts";
import type { LockOwner } from "./lock-token.ts";
import { locksScript } from "./scripts.generated.ts";
import type { StateConnection } from "./state-connection.ts";

/** A lock as it lies in Redis. */
export interface HeldLock {
  /** What is locked: as a rule a thread's or a channel's id. */
  threadId: string;
  token: string;
  owner: LockOwner;
  /** Since it was taken, by the clock of who took it. Undefined for a token of no known form. */
  ageMs: number | undefined;
  remainingMs: number;
}

/** All locks under a prefix, by SCAN on every node that holds keys. */
export async function listLocks(redis: StateConnection, prefix: string): Promise<HeldLock[]> {
  const locks = new Map<string, HeldLock>();
  const stored = redis.keyPrefix + prefix;
  await redis.readNodes(async (run) => {
    for await (const lock of locksOf(run, stored)) locks.set(lock.threadId, lock);
  });
  return [...locks.values()];
}

async function* locksOf(run: ScriptRunner, prefix: string): AsyncGenerator<HeldLock> {
  const pattern = `${prefix.replaceAll(/[\\*?[\]^]/g, String.raw`\$&`)}*`;
  let cursor = "0";
  do {
    const [next, ...found] = await run(locksScript, [], [cursor, pattern]);
    cursor = next as string;
    for (let i = 0; i < found.length; i += 3) {
      const [key, token, remainingMs] = found.slice(i, i + 3) as [string, string, number];
      const { owner, acquiredAt } = readToken(token);
      const ageMs = acquiredAt === undefined ? undefined : Math.max(0, Date.now() - acquiredAt);
      yield { threadId: key.slice(prefix.length), token, owner, ageMs, remainingMs };
    }
  } while (cursor !== "0");
}
