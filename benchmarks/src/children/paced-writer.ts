// Writes one stream at a pace, each chunk with the moment at which the source had it, and publishes as
// many bare messages in between. Arguments: url, stream id, store options as JSON, chunks a second, chunks.
// It begins when something is pushed to the list `go:<id>`.
import { setTimeout as sleep } from "node:timers/promises";
import { createDurableStream } from "@streambed/core";
import { RedisStreamStore } from "@streambed/redis-stream-store";
import type { RedisStreamStoreOptions } from "@streambed/redis-stream-store";
import { Redis } from "ioredis";
import { stamp } from "../kit/stamp.ts";

const [url = "", id = "", options = "{}", pace = "100", count = "100"] = process.argv.slice(2);
const intervalMs = 1_000 / Number(pace);
const store = new RedisStreamStore(new Redis(url), JSON.parse(options) as RedisStreamStoreOptions);
const bare = new Redis(url);
const control = new Redis(url);

let begun = (): void => {};
const begin = new Promise<void>((resolve) => (begun = resolve));

async function* source(): AsyncGenerator<string> {
  await begin;
  const startedAt = performance.now();
  for (let i = 0; i < Number(count); i++) {
    const due = startedAt + i * intervalMs;
    await sleep(Math.max(0, due - performance.now()));
    yield stamp();
    // Half an interval later, so that neither stands in the other's way.
    setTimeout(() => void bare.publish(`bare:${id}`, stamp()), intervalMs / 2);
  }
}

const { finished } = await createDurableStream({ store, id, source });
console.log("ready");
await control.blpop(`go:${id}`, 0);
begun();
await finished;
process.exit(0);
