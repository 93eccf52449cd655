import { createDurableStream } from "@streambed/core";
import { expect, inject, it } from "vitest";
import { RedisStreamStore } from "../src/index.ts";
import { connect, proxyTo, randomPrefix } from "./clients.ts";

const times = { timeoutMs: 100, retryForMs: 300 };

it.each(["refused", "silent"] as const)(
  "a Redis that is %s is UNAVAILABLE, with the cause",
  async (how) => {
    const proxy = await proxyTo(inject("redisUrl"));
    const store = new RedisStreamStore(connect(proxy.url), { ...times, prefix: randomPrefix() });
    await store.create("s");
    if (how === "refused") await proxy.refuse(true);
    else proxy.blackhole(true);
    if (how === "refused") proxy.cut();
    const calls = {
      create: store.create("t"),
      append: store.append("s", "x"),
      read: store.readFrom("s", 0).next(),
      status: store.getStatus("s"),
      stop: store.stop("s"),
      delete: store.delete("s"),
    };
    const unavailable = { code: "UNAVAILABLE", cause: expect.any(Error) };
    await Promise.all(
      Object.entries(calls).map(([name, call]) =>
        expect(call, name).rejects.toMatchObject(unavailable),
      ),
    );
  },
);

it("SCRIPT FLUSH and cut connections do not show", async () => {
  const url = inject("redisUrl");
  const proxy = await proxyTo(url);
  const admin = connect(url);
  const store = new RedisStreamStore(connect(proxy.url), { prefix: randomPrefix() });
  const tokens = Array.from({ length: 300 }, (_, i) => `token ${i} `);
  const { id, response, finished } = await createDurableStream({
    store,
    source: async function* () {
      for (const [i, token] of tokens.entries()) {
        if (i % 20 === 0) await admin.script("FLUSH");
        if (i % 50 === 25) proxy.cut();
        await new Promise((resolve) => setTimeout(resolve, 2));
        yield token;
      }
    },
  });
  const body = await response.text();
  expect(await finished).toEqual({ state: "done", totalChunks: 300 });
  expect([...body.matchAll(/^data: (token .*)$/gm)].map(([, data]) => data)).toEqual(tokens);
  const again: string[] = [];
  for await (const { data } of store.readFrom(id, 0)) again.push(data.slice(1));
  expect(again).toEqual(tokens);
});
