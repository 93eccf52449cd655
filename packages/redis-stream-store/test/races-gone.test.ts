import type { EightMethodClient } from "@streambed/redis-driver";
import { describe, expect, inject, it } from "vitest";
import { RedisStreamStore } from "../src/index.ts";
import { connect, proxyTo, randomPrefix } from "./clients.ts";
import { toEightMethods } from "./eight-methods.ts";
import { until } from "./support-clients.ts";

describe("a reader whose stream a failover has taken back", () => {
  it.each(["active", "done"] as const)("learns that chunks are lost: it is %s", async (state) => {
    const prefix = randomPrefix();
    const redis = connect(inject("redisUrl"));
    const writes = new RedisStreamStore(redis, { prefix });
    const proxy = await proxyTo(inject("redisUrl"));
    const reads = new RedisStreamStore(connect(proxy.url), { prefix });
    await writes.create("s", { writer: "w" });
    await writes.append("s", ["1", "2"], { writer: "w" });
    const old = JSON.parse((await redis.get(`${prefix}:s:status`))!) as { state: string };
    await writes.append("s", ["3", "4"], { writer: "w" });
    const reader = reads.readFrom("s", 0);
    for (let seq = 1; seq <= 4; seq++) expect((await reader.next()).value).toMatchObject({ seq });
    const next = reader.next();
    next.catch(() => {});
    proxy.resetCounts();
    await until(() => (proxy.counts.EVALSHA ?? 0) > 2);
    await redis
      .multi()
      .set(`${prefix}:s:status`, JSON.stringify({ ...old, state }))
      .ltrim(`${prefix}:s:chunks`, 0, 1)
      .exec();
    await expect(next).rejects.toMatchObject({ code: "LOST" });
  });
});

/** The commands of `client`, with something that happens before the one of that number. */
function interruptedBefore(
  number: number,
  client: EightMethodClient,
  meanwhile: () => Promise<void>,
): { client: EightMethodClient; isArmed: { value: boolean }; happened: () => boolean } {
  const isArmed = { value: false };
  let left = number;
  let happened: Promise<void> | undefined;
  const wrapped = Object.fromEntries(
    Object.entries(toEightMethods(client)).map(([name, command]) => [
      name,
      async (...args: unknown[]) => {
        if (isArmed.value && --left === 0) happened = meanwhile();
        await happened;
        return (command as (...all: unknown[]) => Promise<unknown>)(...args);
      },
    ]),
  );
  return {
    client: wrapped as unknown as EightMethodClient,
    isArmed,
    happened: () => happened !== undefined,
  };
}

/** An append of an open stream asks for room. */
const OPEN = "an append without a writer";
const OPERATIONS: Record<string, (store: RedisStreamStore) => Promise<unknown>> = {
  "a status": (store) => store.getStatus("s"),
  "a read": (store) => store.readFrom("s", 0).next(),
  "a heartbeat": (store) => store.append("s", [], { writer: "w" }),
  "an append": (store) => store.append("s", "late", { writer: "w" }),
  "an append with end": (store) => store.append("s", "late", { writer: "w", end: "done" }),
  [OPEN]: (store) => store.append("s", "late"),
  "a stop": (store) => store.stop("s"),
};

describe.each(Object.entries(OPERATIONS))("eight methods, %s", (name, operation) => {
  const writer = name === OPEN ? undefined : "w";

  /** Runs the operation as often as it has commands, each time with `meanwhile` before another one. */
  async function atEveryCommand(
    meanwhile: (other: RedisStreamStore) => Promise<void>,
    check: (prefix: string, other: RedisStreamStore, at: number) => Promise<void>,
  ): Promise<void> {
    const redis = connect(inject("redisUrl"));
    for (let at = 1; ; at++) {
      const prefix = randomPrefix();
      const other = new RedisStreamStore(toEightMethods(redis), { prefix });
      await other.create("s", { writer, leaseMs: 60_000 });
      await other.append("s", "first", { writer });
      const interrupted = interruptedBefore(at, redis, () => meanwhile(other));
      const store = new RedisStreamStore(interrupted.client, { prefix });
      interrupted.isArmed.value = true;
      await operation(store).catch(() => {});
      if (!interrupted.happened()) return expect(at).toBeGreaterThan(2);
      await check(prefix, other, at);
    }
  }

  it("brings no deleted stream back", async () => {
    const redis = connect(inject("redisUrl"));
    await atEveryCommand(
      (other) => other.delete("s"),
      async (prefix, other, at) => {
        expect(await other.getStatus("s"), `deleted before command ${at}`).toBeNull();
        expect(await redis.keys(`${prefix}:*`), `deleted before command ${at}`).toEqual([]);
      },
    );
  });

  // Without scripts a write cannot be made to depend on whose stream it is.
  const reads = operation === OPERATIONS["a status"] || operation === OPERATIONS["a read"];
  const does = reads ? it : it.fails;
  does("does nothing to one that was created since", async () => {
    await atEveryCommand(
      async (other) => {
        await other.delete("s");
        await other.create("s", { writer: "successor", leaseMs: 60_000 });
        await other.append("s", "theirs", { writer: "successor" });
      },
      async (_prefix, other, at) => {
        // Before the first it is simply theirs that is meant.
        if (at === 1) return;
        const status = await other.getStatus("s");
        expect(status, `before command ${at}`).toEqual({ state: "active", totalChunks: 1 });
        expect(await other.append("s", "more", { writer: "successor" })).toBe(2);
        const { value } = await other.readFrom("s", 0).next();
        expect(value, `before command ${at}`).toEqual({ seq: 1, data: "theirs" });
      },
    );
  });
});
