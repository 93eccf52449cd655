import { spawnNode } from "@streambed/test-kit";
import { inject } from "vitest";
import type { TestContext } from "vitest";
import { openRaw } from "../../redis-stream-store/test/support-clients.ts";
import { randomPrefix } from "../../redis-stream-store/test/clients.ts";
import type { BotOptions } from "./support-bot-main.ts";
import { journalKey } from "./support-journal.ts";
import type { JournalEvent } from "./support-journal.ts";
import type { PlatformMessage } from "./support-platform.ts";

const MAIN = new URL("support-bot-main.ts", import.meta.url);

/** A process of its own for bots. */
export async function startHost() {
  const child = await spawnNode(MAIN, { env: { BOTS_REDIS_URL: inject("redisUrl") } });
  const [, port] = await child.waitForLine(/^listening (\d+)$/, 30_000);
  const ask = async (method: string, prefix: string, body?: unknown): Promise<void> => {
    const url = `http://127.0.0.1:${port}/${encodeURIComponent(prefix)}`;
    const response = await fetch(url, { method, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(await response.text());
  };
  return { child, ask };
}
export type Host = Awaited<ReturnType<typeof startHost>>;

/** Bots with the same keys, each in its process. */
export async function setUpBots(test: TestContext, made: (BotOptions & { host: Host })[]) {
  const prefix = randomPrefix();
  const hosts = made.map(({ host }) => host);
  const raw = await openRaw(inject("redisUrl"));
  test.onTestFinished(() => raw.close());
  await Promise.all(made.map(({ host, ...options }) => host.ask("PUT", prefix, options)));

  const keys = async (pattern: string): Promise<string[]> =>
    ((await raw.command("KEYS", `${prefix}:${pattern}`)) as Buffer[]).map(String);
  return {
    raw,
    prefix,
    keys,
    /** Gives a message to a bot; resolves when it has done all that it has to do for it. */
    deliver: (bot: number, message: PlatformMessage): Promise<void> =>
      hosts.at(bot)!.ask("POST", prefix, message),
    openGate: (bot: number): Promise<void> => hosts.at(bot)!.ask("DELETE", prefix),
    /** All that the bots did so far, in order. */
    async journal(): Promise<JournalEvent[]> {
      const lines = (await raw.command("LRANGE", journalKey(prefix), 0, -1)) as Buffer[];
      return lines.map((line) => JSON.parse(String(line)) as JournalEvent);
    },
    /** The messages in all queues, oldest first, as anybody reads them. */
    async queued(): Promise<PlatformMessage[]> {
      const queues = await Promise.all(
        (await keys("queue:*")).map((key) => raw.command("LRANGE", key, 0, -1)),
      );
      return (queues as Buffer[][]).flat().map((line) => {
        const { message } = JSON.parse(String(line)) as { message: { raw: PlatformMessage } };
        return message.raw;
      });
    },
    isLocked: async (threadId: string): Promise<boolean> =>
      (await raw.command("EXISTS", `${prefix}:lock:${threadId}`)) === 1,
    /** How many handlers of a thread have counted themselves. */
    async counted(threadId: string): Promise<number> {
      const json = await raw.text("GET", `${prefix}:cache:thread-state:${threadId}`);
      return (JSON.parse(json) as { handled: number }).handled;
    },
  };
}
export type Bots = Awaited<ReturnType<typeof setUpBots>>;
