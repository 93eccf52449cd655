import { expect, inject, it } from "vitest";
import { RedisStreamStore } from "../src/index.ts";
import { connect, randomPrefix } from "./clients.ts";

/** A stream as other libraries write one: a status without fields of ours. */
async function plant(totalChunks: number, state = "active") {
  const redis = connect(inject("redisUrl"));
  const prefix = randomPrefix();
  for (let seq = 1; seq <= totalChunks; seq++) await redis.rpush(`${prefix}:s:chunks`, `${seq}`);
  const write = (status: object) =>
    redis.set(`${prefix}:s:status`, JSON.stringify(status), "EX", 60);
  await write({ state, totalChunks });
  return { redis, prefix, write, store: new RedisStreamStore(redis, { prefix }) };
}

it("tells the status of a stream that another library has begun", async () => {
  const { store } = await plant(0);
  expect(await store.getStatus("s")).toEqual({ state: "active", totalChunks: 0 });
});

it("follows a stream of another library from where it stands", async () => {
  const { redis, prefix, write, store } = await plant(2);
  const reader = store.readFrom("s", 2);
  const third = reader.next();
  await redis.rpush(`${prefix}:s:chunks`, "3");
  await write({ state: "done", totalChunks: 3 });
  expect(await third).toEqual({ done: false, value: { seq: 3, data: "3" } });
  expect(await reader.next()).toEqual({ done: true, value: { state: "done", totalChunks: 3 } });
});
