import { setImmediate as nextTick } from "node:timers/promises";
import type { UpstashClient } from "@streambed/redis-driver";
import { describe, expect, inject, it, onTestFinished } from "vitest";
import type { TestContext } from "vitest";
import { RedisStreamStore } from "../src/index.ts";
import {
  appendScript,
  createScript,
  deleteScript,
  endScript,
  readScript,
} from "../src/scripts.generated.ts";
import { randomPrefix } from "./clients.ts";
import {
  connectClient,
  openEndpoint,
  openFaultyEndpoint,
  SCRIPT_CLIENTS,
  transcriptOf,
  until,
} from "./support-clients.ts";
import type { ClientKind } from "./support-clients.ts";

const SCRIPTS = {
  create: createScript,
  append: appendScript,
  end: endScript,
  delete: deleteScript,
  read: readScript,
};

async function setUp(kind: ClientKind, test: TestContext) {
  const url = inject("redisUrl");
  const prefix = randomPrefix();
  const endpoint = await openFaultyEndpoint(kind, url);
  test.onTestFinished(() => endpoint[Symbol.asyncDispose]());
  const { client } = await endpoint.connect();
  const store = new RedisStreamStore(client, { prefix });
  const direct = await connectClient("ioredis 6", url);
  test.onTestFinished(() => direct[Symbol.asyncDispose]());
  const onlooker = new RedisStreamStore(direct.client, { prefix, pollIntervalMs: 10 });
  // Every script is known to the server, so that each attempt is one request.
  await onlooker.create("warm");
  await onlooker.append("warm", "x");
  await onlooker.stop("warm");
  await onlooker.delete("warm");

  /** Loses the replies to the next `times` runs of a script; resolves when they are lost. */
  const lose = (script: keyof typeof SCRIPTS, times: number): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let left = times;
    endpoint.losesReplies(([command = "", sha1]) => {
      const hit = left > 0 && /^EVALSHA$/i.test(command) && sha1 === SCRIPTS[script].sha1;
      if (hit && --left === 0) resolve();
      return hit;
    });
    return promise;
  };

  /**
   * Carries out `call` so that its first attempt is applied but not answered, then `meanwhile`, and
   * only then lets the client through again.
   */
  const interrupted = async <T>(
    script: keyof typeof SCRIPTS,
    call: () => Promise<T>,
    meanwhile: () => Promise<unknown>,
  ): Promise<T> => {
    const { promise: lost, resolve } = Promise.withResolvers<void>();
    let isLost = false;
    endpoint.losesReplies(([command = "", sha1]) => {
      if (isLost || !/^EVALSHA$/i.test(command) || sha1 !== SCRIPTS[script].sha1) return false;
      isLost = true;
      void endpoint.proxy.refuse(true).then(resolve);
      return true;
    });
    const result = call();
    result.catch(() => {});
    await lost;
    // The reply is swallowed when it comes, and the connection with it: then the attempt was applied.
    if (kind !== "Upstash") await until(() => endpoint.proxy.connections === 0);
    await meanwhile();
    await endpoint.proxy.refuse(false);
    return result;
  };
  const transcript = (id: string): Promise<string[]> => transcriptOf(onlooker, id);
  return { store, onlooker, lose, interrupted, transcript };
}

describe.concurrent.each(SCRIPT_CLIENTS)("%s", (kind) => {
  describe.each([1, 2])("a reply is lost %i times in a row", (times) => {
    it("on create: no false ALREADY_EXISTS", async (test) => {
      const { store, onlooker, lose } = await setUp(kind, test);
      for (const [id, options] of Object.entries({ open: {}, owned: { writer: "w" } })) {
        const lost = lose("create", times);
        await store.create(id, options);
        await lost;
        expect(await onlooker.getStatus(id)).toEqual({ state: "active", totalChunks: 0 });
        await expect(onlooker.create(id)).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
      }
    });

    it("on append: nothing twice, nothing lost", async (test) => {
      const { store, lose, transcript } = await setUp(kind, test);
      const expected: string[] = [];
      await store.create("s", { writer: "w" });
      for (let n = 1; n <= 8; n++) {
        const batch = Array.from({ length: n }, (_, i) => `chunk ${n}.${i}`);
        const lost = n % 2 === 0 ? lose("append", times) : undefined;
        expected.push(...batch);
        expect(await store.append("s", batch, { writer: "w" })).toBe(expected.length);
        await lost;
      }
      await store.complete("s");
      expect(await transcript("s")).toEqual(expected);
    });

    it("on append with end: no false NOT_ACTIVE", async (test) => {
      const { store, onlooker, lose, transcript } = await setUp(kind, test);
      await store.create("s", { writer: "w" });
      const lost = lose("append", times);
      const end = { error: "e" };
      expect(await store.append("s", ["a", "b"], { writer: "w", end })).toBe(2);
      await lost;
      expect(await onlooker.getStatus("s")).toEqual({ state: "error", error: "e", totalChunks: 2 });
      expect(await transcript("s")).toEqual(["a", "b"]);
    });

    it.for(["complete", "stop"] as const)("on %s", async (end, test) => {
      const { store, onlooker, lose, transcript } = await setUp(kind, test);
      await store.create("s");
      await store.append("s", "a");
      const lost = lose("end", times);
      await store[end]("s");
      await lost;
      const state = end === "complete" ? "done" : "stopped";
      expect(await onlooker.getStatus("s")).toEqual({ state, totalChunks: 1 });
      expect(await transcript("s")).toEqual(["a"]);
    });

    it("on delete", async (test) => {
      const { store, onlooker, lose } = await setUp(kind, test);
      await store.create("s");
      const lost = lose("delete", times);
      await store.delete("s");
      await lost;
      expect(await onlooker.getStatus("s")).toBeNull();
    });

    it("on a read: nothing twice, nothing left out", async (test) => {
      const { store, onlooker, lose } = await setUp(kind, test);
      await onlooker.create("s");
      await onlooker.append("s", ["a", "b"]);
      const reader = store.readFrom("s", 0);
      const first = lose("read", times);
      expect(await reader.next()).toEqual({ done: false, value: { seq: 1, data: "a" } });
      await first;
      expect((await reader.next()).value).toEqual({ seq: 2, data: "b" });
      const following = lose("read", times);
      const next = reader.next();
      await following;
      await onlooker.append("s", ["c"], { end: "done" });
      expect((await next).value).toEqual({ seq: 3, data: "c" });
      expect(await reader.next()).toEqual({
        done: true,
        value: { state: "done", totalChunks: 3 },
      });
    });
  });

  describe("and before the next attempt", () => {
    it("create: somebody else tries, and loses", async (test) => {
      const { store, onlooker, interrupted } = await setUp(kind, test);
      await interrupted(
        "create",
        () => store.create("s"),
        () =>
          expect(onlooker.create("s", { writer: "other" })).rejects.toMatchObject({
            code: "ALREADY_EXISTS",
          }),
      );
      expect(await store.append("s", "mine")).toBe(1);
    });

    it("create: the same writer's stream is stopped", async (test) => {
      const { store, onlooker, interrupted } = await setUp(kind, test);
      await interrupted(
        "create",
        () => store.create("s", { writer: "w" }),
        () => onlooker.stop("s"),
      );
      expect(await store.getStatus("s")).toEqual({ state: "stopped", totalChunks: 0 });
    });

    it.for(["stop", "complete"] as const)(
      "append: %s, and it was stored all the same",
      async (end, test) => {
        const { store, onlooker, interrupted, transcript } = await setUp(kind, test);
        await store.create("s", { writer: "w" });
        const append = interrupted(
          "append",
          () => store.append("s", ["a", "b"], { writer: "w" }),
          () => onlooker[end]("s"),
        );
        expect(await append).toBe(2);
        expect(await transcript("s")).toEqual(["a", "b"]);
      },
    );

    it("append with end: a stop comes too late", async (test) => {
      const { store, onlooker, interrupted, transcript } = await setUp(kind, test);
      await store.create("s", { writer: "w" });
      const append = interrupted(
        "append",
        () => store.append("s", "a", { writer: "w", end: "done" }),
        () => onlooker.stop("s"),
      );
      expect(await append).toBe(1);
      expect(await store.getStatus("s")).toEqual({ state: "done", totalChunks: 1 });
      expect(await transcript("s")).toEqual(["a"]);
    });

    it.for(["stop", "complete"] as const)("%s: the other end comes too late", async (end, test) => {
      const { store, onlooker, interrupted } = await setUp(kind, test);
      await store.create("s");
      await interrupted(
        "end",
        () => store[end]("s"),
        () => onlooker.fail("s", "too late"),
      );
      const state = end === "complete" ? "done" : "stopped";
      expect(await store.getStatus("s")).toEqual({ state, totalChunks: 0 });
    });

    it("delete: a stream created since is not hit", async (test) => {
      const { store, onlooker, interrupted } = await setUp(kind, test);
      await store.create("s");
      await interrupted(
        "delete",
        () => store.delete("s"),
        () => onlooker.create("s", { writer: "other" }),
      );
      await nextTick();
      expect(await onlooker.append("s", "still there", { writer: "other" })).toBe(1);
    });
  });

  describe("an append that somebody else's comes in between", () => {
    // The status remembers one op: with two writers the other one's takes its place.
    it.fails("on an open stream: nothing twice", async (test) => {
      const { store, onlooker, interrupted, transcript } = await setUp(kind, test);
      await store.create("s");
      await interrupted(
        "append",
        () => store.append("s", "mine"),
        () => onlooker.append("s", "theirs"),
      );
      await store.complete("s");
      expect(await transcript("s")).toEqual(["mine", "theirs"]);
    });
  });
});

// An attempt that the store has given up can still arrive: over HTTP each is a request of its own.
// The op that it repeats is no longer the last one by then: only its place tells.
it("an attempt that arrives late, of an append with its place: nothing twice", () =>
  arriveLate(true));

it.fails("an attempt that arrives late, of an append without: nothing twice", () =>
  arriveLate(false));

async function arriveLate(hasPlace: boolean): Promise<void> {
  const url = inject("redisUrl");
  const endpoint = await openEndpoint("Upstash", url);
  onTestFinished(() => endpoint[Symbol.asyncDispose]());
  const upstash = (await endpoint.connect()).client as UpstashClient;
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const late: Promise<unknown>[] = [];
  let holds = false;
  const slow: UpstashClient = {
    eval: (...call) => upstash.eval(...call),
    evalsha(...call) {
      if (!holds) return upstash.evalsha(...call);
      holds = false;
      const reply = released.then(() => upstash.evalsha(...call));
      late.push(reply);
      return reply;
    },
  };
  const store = new RedisStreamStore(slow, { prefix: randomPrefix(), timeoutMs: 300 });
  const append = (text: string, after: number): Promise<number> =>
    store.append("s", text, { writer: "w", ...(hasPlace ? { after } : {}) });
  await store.create("s", { writer: "w" });
  await append("one", 0);
  holds = true;
  await append("two", 1);
  await append("three", 2);
  release();
  await Promise.all(late);
  await store.complete("s");
  expect(late).toHaveLength(1);
  expect(await transcriptOf(store, "s")).toEqual(["one", "two", "three"]);
}
