import { describe, expect, inject, it } from "vitest";
import type { TestContext } from "vitest";
import { RedisStreamStore } from "../src/index.ts";
import { appendManyScript } from "../src/scripts.generated.ts";
import { connect, proxyTo, randomPrefix } from "./clients.ts";
import { openFaultyEndpoint, SCRIPT_CLIENTS, transcriptOf } from "./support-clients.ts";
import type { ClientKind } from "./support-clients.ts";

const STREAMS = 50;
const ids = Array.from({ length: STREAMS }, (_, i) => `s${i}`);

async function setUp(kind: ClientKind, test: TestContext) {
  const prefix = randomPrefix();
  const endpoint = await openFaultyEndpoint(kind, inject("redisUrl"));
  test.onTestFinished(() => endpoint[Symbol.asyncDispose]());
  const { client } = await endpoint.connect();
  const store = new RedisStreamStore(client, { prefix, maxBytes: 1_000 });
  for (const id of ids) await store.create(id, { writer: "w" });
  return { endpoint, store, prefix };
}

describe.each(SCRIPT_CLIENTS)("appends to many streams at once over %s", (kind) => {
  it("are one another's company, and nothing more", async (test) => {
    const { store, prefix } = await setUp(kind, test);
    const redis = connect(inject("redisUrl"));
    await store.stop("s1");
    await store.delete("s2");
    await redis.del(`${prefix}:s3:chunks`);
    await redis.set(`${prefix}:s3:chunks`, "foreign");
    await store.append("s4", "first", { writer: "w" });
    await redis.del(`${prefix}:s4:chunks`);
    const writers: Record<string, string> = { s5: "somebody-else" };
    const texts: Record<string, string> = { s6: "x".repeat(1_001) };
    const outcomes = await Promise.allSettled(
      ids.map((id) =>
        store.append(id, [texts[id] ?? `${id} a`, "\r\n"], { writer: writers[id] ?? "w" }),
      ),
    );
    const told = outcomes.map((outcome) =>
      outcome.status === "fulfilled" ? outcome.value : (outcome.reason as { code: string }).code,
    );
    expect(told.slice(0, 7)).toEqual([
      2,
      "NOT_ACTIVE",
      "NOT_FOUND",
      "UNSUPPORTED",
      "LOST",
      "FENCED",
      "LIMIT",
    ]);
    expect(new Set(told.slice(7))).toEqual(new Set([2]));
    for (const id of ids.slice(7)) {
      await store.complete(id);
      expect(await transcriptOf(store, id)).toEqual([`${id} a`, "\r\n"]);
    }
  });

  it("whose reply is lost are stored once", async (test) => {
    const { endpoint, store } = await setUp(kind, test);
    let lost = 0;
    endpoint.losesReplies(([command = "", sha1]) => {
      const hit = lost < 2 && /^EVALSHA$/i.test(command) && sha1 === appendManyScript.sha1;
      if (hit) lost++;
      return hit;
    });
    const rounds = ["a", "b", "c", "d"];
    for (const text of rounds) {
      await Promise.all(ids.map((id) => store.append(id, text, { writer: "w" })));
    }
    expect(lost).toBe(2);
    for (const id of ids) {
      await store.complete(id);
      expect(await transcriptOf(store, id)).toEqual(rounds);
    }
  });
});

it("appends to many streams at once are few requests, and alone each is one", async () => {
  const proxy = await proxyTo(inject("redisUrl"));
  const store = new RedisStreamStore(connect(proxy.url), { prefix: randomPrefix() });
  for (const id of ids) await store.create(id);
  proxy.resetCounts();
  await Promise.all(ids.map((id) => store.append(id, "x")));
  expect(proxy.counts.EVALSHA).toBeLessThanOrEqual(3);
  proxy.resetCounts();
  for (const id of ids.slice(0, 10)) await store.append(id, "y");
  expect(proxy.counts).toEqual({ EVALSHA: 10 });
});

it("what the server refuses for one is refused for that one", async () => {
  const prefix = randomPrefix();
  const admin = connect(inject("redisUrl"));
  const name = prefix.replaceAll(":", "-");
  const rights = ["on", ">pw", "+@all", "&*", `~${prefix}:s*`];
  await admin.call("ACL", "SETUSER", name, ...rights, `~${prefix}:t1:*`);
  const url = new URL(inject("redisUrl"));
  Object.assign(url, { username: name, password: "pw" });
  const store = new RedisStreamStore(connect(url.href), { prefix });
  for (const id of [...ids, "t1"]) await store.create(id);
  await admin.call("ACL", "SETUSER", name, "resetkeys", `~${prefix}:s*`);
  const outcomes = await Promise.allSettled(["t1", ...ids].map((id) => store.append(id, "x")));
  const refused = outcomes.filter(({ status }) => status === "rejected");
  expect(refused).toEqual([
    { status: "rejected", reason: expect.objectContaining({ code: "UNSUPPORTED" }) },
  ]);
  expect(outcomes[0]?.status).toBe("rejected");
  await admin.call("ACL", "DELUSER", name);
});
