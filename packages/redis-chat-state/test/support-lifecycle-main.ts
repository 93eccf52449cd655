// Opens and closes adapters of both libraries in every way, and is then to end by itself.
import { createIoRedisState } from "../src/ioredis.ts";
import { createRedisState } from "../src/node-redis.ts";

const { REDIS_URL: url, DEAD_URL: dead } = process.env;

for (const create of [createIoRedisState, createRedisState]) {
  const state = create({ url, keyPrefix: `exits:${process.pid}` });
  await state.connect();
  const lock = await state.acquireLock("t", 60_000);
  await state.disconnect();
  await state.connect();
  if (lock) await state.releaseLock(lock);
  // Nobody waits for it: its answer comes first.
  void state.get("k");
  await state.disconnect();

  const failing = create({ url: dead, connectTimeoutMs: 100 });
  await failing.connect().catch((error: unknown) => console.log(String(error)));
  create({ url });
}
console.log("done");
