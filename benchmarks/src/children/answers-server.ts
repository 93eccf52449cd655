// A Hono server over the same paced source twice: `/plain` by Hono's own `streamSSE`, `/durable` through the
// engine and Redis. `/cpu` tells what this process has used. Argument: the URL of Redis.
import { setTimeout as sleep } from "node:timers/promises";
import { serve } from "@hono/node-server";
import { createDurableStream } from "@streambed/core";
import { RedisStreamStore } from "@streambed/redis-stream-store";
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { Redis } from "ioredis";
import { stamp } from "../kit/stamp.ts";

const [url = ""] = process.argv.slice(2);
const store = new RedisStreamStore(new Redis(url));

/** `chunks` tokens at `pace` a second. Each has its own timer, and says when it was there. */
async function* answer({ chunks, pace }: { chunks: number; pace: number }): AsyncGenerator<string> {
  const startedAt = performance.now();
  for (let i = 1; i <= chunks; i++) {
    await sleep(Math.max(0, startedAt + (i * 1_000) / pace - performance.now()));
    yield stamp();
  }
}

const app = new Hono();
app.get("/plain", (c) =>
  streamSSE(c, async (stream) => {
    let id = 0;
    for await (const data of answer(sizeOf(c.req.query()))) {
      await stream.writeSSE({ id: String(++id), data });
    }
    await stream.writeSSE({ event: "done", data: "" });
  }),
);
app.get("/durable", async (c) => {
  const size = sizeOf(c.req.query());
  const { response } = await createDurableStream({ store, source: () => answer(size) });
  return response;
});
app.get("/cpu", (c) => {
  globalThis.gc?.();
  return c.json(process.cpuUsage());
});

process.once("SIGINT", () => process.exit(0));
const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) =>
  console.log(`port ${port}`),
);
server.on("error", (error) => {
  throw error;
});

function sizeOf(query: Record<string, string>): { chunks: number; pace: number } {
  return { chunks: Number(query["chunks"]), pace: Number(query["pace"]) };
}
