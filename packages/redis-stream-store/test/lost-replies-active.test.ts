import type { EightMethodClient } from "@streambed/redis-driver";
import { describe, expect, inject, it } from "vitest";
import type { TestContext } from "vitest";
import { RedisActiveStreams } from "../src/index.ts";
import { activeClearScript, activeGetScript, activeSetScript } from "../src/scripts.generated.ts";
import { connect, randomPrefix } from "./clients.ts";
import { toEightMethods } from "./eight-methods.ts";
import { connectClient, openFaultyEndpoint, SCRIPT_CLIENTS } from "./support-clients.ts";
import type { ClientKind } from "./support-clients.ts";
import { interrupted, loseReplies } from "./support-lost-replies.ts";

async function setUp(kind: ClientKind, test: TestContext) {
  const url = inject("redisUrl");
  const prefix = randomPrefix();
  const endpoint = await openFaultyEndpoint(kind, url);
  test.onTestFinished(() => endpoint[Symbol.asyncDispose]());
  const { client } = await endpoint.connect();
  const direct = await connectClient("ioredis 6", url);
  test.onTestFinished(() => direct[Symbol.asyncDispose]());
  const active = new RedisActiveStreams(client, { prefix });
  const other = new RedisActiveStreams(direct.client, { prefix });
  // Every script is known to the server, so that each attempt is one request.
  await other.set("warm", "s");
  await other.clear("warm", "s");
  await active.get("warm");
  return { active, other, endpoint, at: { endpoint, kind } };
}

describe.concurrent.each(SCRIPT_CLIENTS)("%s", (kind) => {
  it.for([1, 2])("a reply is lost %i times in a row", async (times, test) => {
    const { active, other, endpoint } = await setUp(kind, test);
    for (const [streamId, options] of [
      ["s1", {}],
      ["s2", { instead: "s1" }],
      ["s2", {}],
    ] as const) {
      const lost = loseReplies(endpoint, activeSetScript, times);
      expect(await active.set("chat", streamId, options)).toBe(streamId);
      await lost;
      expect(await other.get("chat")).toBe(streamId);
    }
    const lostGet = loseReplies(endpoint, activeGetScript, times);
    expect(await active.get("chat")).toBe("s2");
    await lostGet;
    const lostClear = loseReplies(endpoint, activeClearScript, times);
    await active.clear("chat", "s2");
    await lostClear;
    expect(await other.get("chat")).toBeNull();
  });

  it("set: somebody else tries before the next attempt, and loses", async (test) => {
    const { active, other, at } = await setUp(kind, test);
    const told: unknown[] = [];
    const set = await interrupted(
      at,
      activeSetScript,
      () => active.set("chat", "mine"),
      async () => told.push(await other.set("chat", "theirs")),
    );
    expect([set, told, await other.get("chat")]).toEqual(["mine", ["mine"], "mine"]);
  });

  it("set instead of another: somebody else tries the same, and loses", async (test) => {
    const { active, other, at } = await setUp(kind, test);
    await other.set("chat", "stale");
    const told: unknown[] = [];
    const set = await interrupted(
      at,
      activeSetScript,
      () => active.set("chat", "mine", { instead: "stale" }),
      async () => told.push(await other.set("chat", "theirs", { instead: "stale" })),
    );
    expect([set, told, await other.get("chat")]).toEqual(["mine", ["mine"], "mine"]);
  });

  it("set: it is replaced by name before the next attempt, and told so", async (test) => {
    const { active, other, at } = await setUp(kind, test);
    const set = interrupted(
      at,
      activeSetScript,
      () => active.set("chat", "mine"),
      () => other.set("chat", "theirs", { instead: "mine" }),
    );
    expect([await set, await other.get("chat")]).toEqual(["theirs", "theirs"]);
  });

  it("clear: the next stream's pointer is not hit", async (test) => {
    const { active, other, at } = await setUp(kind, test);
    await other.set("chat", "mine");
    await interrupted(
      at,
      activeClearScript,
      () => active.clear("chat", "mine"),
      () => other.set("chat", "next"),
    );
    expect(await other.get("chat")).toBe("next");
  });
});

describe.concurrent("eight methods", () => {
  /** A client whose every `nth` reply to a command gets lost, from the first on. */
  function losing(client: EightMethodClient, nth: number): EightMethodClient {
    const eight = toEightMethods(client);
    let sent = 0;
    return Object.fromEntries(
      Object.entries(eight).map(
        ([name, method]: [string, (...args: never[]) => Promise<unknown>]) => [
          name,
          async (...args: never[]) => {
            const reply = await method(...args);
            if (sent++ % nth === 0) throw new Error("the reply was lost");
            return reply;
          },
        ],
      ),
    ) as unknown as EightMethodClient;
  }

  // A call is two to four commands: with every second reply lost it would never end.
  it.for([3, 4, 5, 7])("every %i. reply is lost: no false loser, nothing undone", async (nth) => {
    const redis = connect(inject("redisUrl"));
    const prefix = randomPrefix();
    const active = new RedisActiveStreams(losing(redis, nth), { prefix });
    const other = new RedisActiveStreams(toEightMethods(redis), { prefix });
    let instead: string | undefined;
    for (let n = 0; n < 12; n++) {
      const id = `s${n}`;
      expect(await active.set("chat", id, { instead })).toBe(id);
      expect(await active.set("chat", id, { instead })).toBe(id);
      expect(await other.set("chat", "theirs")).toBe(id);
      expect(await active.set("chat", "late", { instead: "gone" })).toBe(id);
      instead = n % 3 === 0 ? undefined : id;
      if (instead === undefined) await active.clear("chat", id);
      expect(await other.get("chat")).toBe(instead ?? null);
    }
  });

  it("a connection that is cut while a client sends again by itself", async (test) => {
    const { active, other, endpoint } = await setUpPlain(test);
    let left = 6;
    endpoint.losesReplies(([command = ""]) => /^(RPUSH|EXPIRE)$/i.test(command) && left-- > 0);
    expect(await active.set("chat", "mine")).toBe("mine");
    expect(await other.set("chat", "theirs")).toBe("mine");
    left = 2;
    await active.clear("chat", "mine");
    expect(await other.get("chat")).toBeNull();
  });

  async function setUpPlain(test: TestContext) {
    const prefix = randomPrefix();
    const endpoint = await openFaultyEndpoint("eight methods", inject("redisUrl"));
    test.onTestFinished(() => endpoint[Symbol.asyncDispose]());
    const { client } = await endpoint.connect();
    const active = new RedisActiveStreams(client, { prefix });
    const redis = toEightMethods(connect(inject("redisUrl")));
    return { active, other: new RedisActiveStreams(redis, { prefix }), endpoint };
  }
});
