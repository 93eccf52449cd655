// Starts streams whose source is silent, spread over some time. Arguments: url, prefix of the ids, store
// options as JSON, streams, seconds to spread them over.
import { setTimeout as sleep } from "node:timers/promises";
import { createDurableStream } from "@streambed/core";
import { RedisStreamStore } from "@streambed/redis-stream-store";
import type { RedisStreamStoreOptions } from "@streambed/redis-stream-store";
import { Redis } from "ioredis";

const [url = "", ids = "", options = "{}", count = "1", seconds = "0"] = process.argv.slice(2);
const store = new RedisStreamStore(new Redis(url), JSON.parse(options) as RedisStreamStoreOptions);
const pauseMs = (Number(seconds) * 1_000) / Number(count);

async function* silent(): AsyncGenerator<string> {
  yield "one token, then nothing";
  await new Promise(() => {});
}

const startedAt = performance.now();
for (let i = 0; i < Number(count); i++) {
  await createDurableStream({ store, id: `${ids}${i}`, source: silent });
  await sleep(Math.max(0, startedAt + i * pauseMs - performance.now()));
}
console.log("ready");
setInterval(() => {}, 1_000);
