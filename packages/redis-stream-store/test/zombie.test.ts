import { spawnNode } from "@streambed/test-kit";
import { describe, expect, inject, it } from "vitest";
import type { TestContext } from "vitest";
import { RedisStreamStore } from "../src/index.ts";
import { randomPrefix } from "./clients.ts";
import { openEndpoint, openRaw, until } from "./support-clients.ts";
import type { ClientKind } from "./support-clients.ts";
import type { ProducerOptions } from "./support-producer-main.ts";

const KINDS = ["ioredis 6", "node-redis 6", "Upstash", "eight methods"] as const;
const MAIN = new URL("support-producer-main.ts", import.meta.url);
const LEASE_MS = 1_000;

/** A producer of its own process that has stored something, and somebody who looks on. */
async function setUp(kind: ClientKind, tokens: number, test: TestContext) {
  const redisUrl = inject("redisUrl");
  const [prefix, id] = [randomPrefix(), "s"];
  const endpoint = await openEndpoint(kind, redisUrl);
  test.onTestFinished(() => endpoint[Symbol.asyncDispose]());
  const options: ProducerOptions = {
    ...{ kind, url: endpoint.url, prefix, id, tokens },
    leaseMs: LEASE_MS,
  };
  const child = await spawnNode(MAIN, { env: { PRODUCER: JSON.stringify(options) } });
  test.onTestFinished(() => child[Symbol.asyncDispose]());
  const { client } = await endpoint.connect();
  const store = new RedisStreamStore(client, { prefix });
  const raw = await openRaw(redisUrl);
  test.onTestFinished(() => raw.close());

  /** All that is stored: keys, their bytes, the status as text, the chunks. */
  const stored = async (): Promise<unknown> => {
    const keys = ((await raw.command("KEYS", `${prefix}:*`)) as Buffer[]).map(String).sort();
    const dumps = await Promise.all(keys.map((key) => raw.command("DUMP", key)));
    return {
      dumps: Object.fromEntries(keys.map((key, i) => [key, (dumps[i] as Buffer).toString("hex")])),
      status: await raw.text("GET", `${prefix}:${id}:status`),
      chunks: await raw.text("LRANGE", `${prefix}:${id}:chunks`, 0, -1),
    };
  };
  /** When each key goes away: not even that may be put off. */
  const expiry = async (): Promise<number[]> => {
    const keys = ["status", "chunks"].map((key) => `${prefix}:${id}:${key}`);
    return Promise.all(keys.map(async (key) => Number(await raw.text("PEXPIRETIME", key))));
  };
  const freeze = (): void => void process.kill(child.pid, "SIGSTOP");
  const wake = (): void => void process.kill(child.pid, "SIGCONT");
  /** What the child has said since it was frozen, up to its end. */
  const lastWords = async (before: number): Promise<string[]> => {
    await child.waitForLine(/^exhausted$/, 30_000);
    return child.stdout.slice(before);
  };
  return { child, store, id, stored, expiry, freeze, wake, lastWords };
}

describe.concurrent.each(KINDS)("%s", (kind) => {
  const silent: [string, number] = ["whose model is silent", 5];
  // By plain commands an append is several, and one that was frozen among them goes on with the next
  // (races-gone.test.ts): there only a producer that has nothing under way leaves every byte as it is.
  const sending: [string, number][] =
    kind === "eight methods" ? [] : [["that goes on sending", 100_000]];
  describe.each([...sending, silent])("a frozen producer %s", (_, tokens) => {
    it("wakes after it was declared lost: it changes nothing, and learns of it", async (test) => {
      const { child, store, id, stored, expiry, freeze, wake, lastWords } = await setUp(
        kind,
        tokens,
        test,
      );
      await child.waitForLine(/^stored ([5-9]|\d{2,})$/);
      freeze();
      await until(async () => (await store.getStatus(id))?.state === "error");
      const status = await store.getStatus(id);
      expect(status).toMatchObject({ state: "error", error: "producer lost" });
      const [before, goneAt, spoken] = [await stored(), await expiry(), child.stdout.length];
      wake();
      const words = await lastWords(spoken);
      expect(words).toContain("aborted");
      expect(words).toContain(`finished ${JSON.stringify(status)}`);
      expect(words.filter((word) => word.startsWith("stored"))).toEqual(answerOnItsWay(words));
      expect(words.filter((word) => word === "refused NOT_ACTIVE").length).toBeGreaterThan(5);
      expect(words).toContain("ALREADY_EXISTS");
      expect(await stored()).toEqual(before);
      expect(await expiry()).toEqual(goneAt);
    });

    it("wakes after its id was given to another, with the same text", async (test) => {
      const { child, store, id, stored, expiry, freeze, wake, lastWords } = await setUp(
        kind,
        tokens,
        test,
      );
      await child.waitForLine(/^stored ([5-9]|\d{2,})$/);
      freeze();
      const chunks: string[] = [];
      const reader = store.readFrom(id, 0);
      while (chunks.length < 5) chunks.push(((await reader.next()).value as { data: string }).data);
      await reader.return({ state: "done", totalChunks: 0 });
      await store.delete(id);
      await store.create(id, { writer: "successor", leaseMs: 600_000 });
      await store.append(id, chunks, { writer: "successor" });
      const [before, goneAt, spoken] = [await stored(), await expiry(), child.stdout.length];
      wake();
      const words = await lastWords(spoken);
      expect(words).toContain("aborted");
      // The append that is refused and the watch that finds another stream: either may be first.
      expect(words.filter((word) => /^finished (FENCED|EXPIRED)$/.test(word))).toHaveLength(1);
      expect(words.filter((word) => word.startsWith("stored"))).toEqual(answerOnItsWay(words));
      expect(words.filter((word) => word === "refused FENCED").length).toBeGreaterThan(5);
      expect(words).toContain("ALREADY_EXISTS");
      expect(await stored()).toEqual(before);
      expect(await expiry()).toEqual(goneAt);
      expect(await store.append(id, "more", { writer: "successor" })).toBe(6);
    });
  });
});

/** The reply to what was stored before the freeze may wait in the frozen process' socket: one, and the first word. */
function answerOnItsWay(words: string[]): string[] {
  return words.slice(0, 1).filter((word) => word.startsWith("stored"));
}
