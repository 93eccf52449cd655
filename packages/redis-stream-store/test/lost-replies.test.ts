import { setImmediate as nextTick } from "node:timers/promises";
import { describe, expect, inject, it } from "vitest";
import { RedisStreamStore } from "../src/index.ts";
import { deleteScript } from "../src/scripts.generated.ts";
import { connect, proxyTo, randomPrefix } from "./clients.ts";

const isScript = ([command]: Buffer[]): boolean => /^EVAL(SHA)?$/i.test(String(command));

async function setUp() {
  const url = inject("redisUrl");
  const proxy = await proxyTo(url);
  const prefix = randomPrefix();
  const store = new RedisStreamStore(connect(proxy.url), { prefix });
  const onlooker = new RedisStreamStore(connect(url), { prefix });
  // Every script is known to the server, so that the next request is the one that counts.
  await store.create("warm");
  await store.append("warm", "x");
  await store.stop("warm");
  await store.delete("warm");
  const transcript = async (id: string): Promise<string[]> => {
    const chunks: string[] = [];
    for await (const { data } of onlooker.readFrom(id, 0)) chunks.push(data);
    return chunks;
  };
  return { proxy, store, onlooker, transcript };
}

describe.each([1, 2])("a reply is lost %i times in a row", (times) => {
  it("on create: no false ALREADY_EXISTS", async () => {
    const { proxy, store, onlooker } = await setUp();
    for (const options of [{}, { writer: "w" }]) {
      const id = `s${Object.keys(options).length}`;
      for (let i = 0; i < times; i++) proxy.dropReplies(isScript);
      await store.create(id, options);
      expect(await onlooker.getStatus(id)).toEqual({ state: "active", totalChunks: 0 });
    }
  });

  it("on append: nothing twice, nothing lost", async () => {
    const { proxy, store, transcript } = await setUp();
    await store.create("s", { writer: "w" });
    for (let n = 1; n <= 20; n++) {
      if (n % 3 === 0) for (let i = 0; i < times; i++) proxy.dropReplies(isScript);
      expect(await store.append("s", `chunk ${n}`, { writer: "w" })).toBe(n);
    }
    await store.complete("s");
    expect(await transcript("s")).toEqual(Array.from({ length: 20 }, (_, i) => `chunk ${i + 1}`));
  });

  it("on append with end: no false NOT_ACTIVE", async () => {
    const { proxy, store, onlooker, transcript } = await setUp();
    await store.create("s", { writer: "w" });
    for (let i = 0; i < times; i++) proxy.dropReplies(isScript);
    expect(await store.append("s", ["a", "b"], { writer: "w", end: { error: "e" } })).toBe(2);
    expect(await onlooker.getStatus("s")).toEqual({ state: "error", error: "e", totalChunks: 2 });
    expect(await transcript("s")).toEqual(["a", "b"]);
  });

  it.each(["complete", "stop"] as const)("on %s", async (end) => {
    const { proxy, store, onlooker } = await setUp();
    await store.create("s");
    for (let i = 0; i < times; i++) proxy.dropReplies(isScript);
    await store[end]("s");
    const state = end === "complete" ? "done" : "stopped";
    expect(await onlooker.getStatus("s")).toEqual({ state, totalChunks: 0 });
  });

  it("on delete: a stream created since is not hit", async () => {
    const { proxy, store, onlooker } = await setUp();
    await store.create("s");
    for (let i = 0; i < times; i++)
      proxy.dropReplies(([, sha]) => String(sha) === deleteScript.sha1);
    const deleted = store.delete("s");
    // Whoever sees the id free takes it, in the middle of the attempts.
    while ((await onlooker.getStatus("s")) !== null) await nextTick();
    await onlooker.create("s", { writer: "another" });
    await deleted;
    expect(await onlooker.append("s", "still there", { writer: "another" })).toBe(1);
  });
});
