import { setTimeout as sleep } from "node:timers/promises";
import { createDurableStream, resumeDurableStream } from "@streambed/core";
import { CONTROL_EVENTS, fromChunk, SseDecoder } from "@streambed/core/codec";
import { startRedis } from "@streambed/test-kit";
import { expect, it } from "vitest";
import { RedisStreamStore } from "../src/index.ts";
import { openFaultyEndpoint, openRaw, seededRandom } from "./support-clients.ts";
import type { ClientKind, FaultyEndpoint } from "./support-clients.ts";

/** The short run is for every day, `STREAMBED_SLOW=1` for the figures. */
const IS_SLOW = process.env.STREAMBED_SLOW === "1";
const RUN_MS = IS_SLOW ? 30_000 : 4_000;
const HAVOC_MS = 200;
const PRODUCERS = 20;
const READERS_EACH = 5;

const RUNS: [name: string, kind: ClientKind, push: boolean][] = [
  ["ioredis 6", "ioredis 6", false],
  ["node-redis 6", "node-redis 6", false],
  ["Upstash", "Upstash", false],
  ["ioredis 6, push", "ioredis 6", true],
  ["node-redis 6, push", "node-redis 6", true],
];
if (IS_SLOW) RUNS.push(["ioredis 5", "ioredis 5", false], ["node-redis 5", "node-redis 5", false]);

it.each(RUNS)(
  `${PRODUCERS} producers and ${PRODUCERS * READERS_EACH} readers, while Redis forgets scripts and cuts everyone off: %s`,
  { timeout: RUN_MS + 60_000 },
  async (name, kind, push) => {
    // Of its own: what it does to all connections is not for other tests.
    await using redis = await startRedis();
    await using endpoint = await openFaultyEndpoint(kind, redis.url);
    const clients = await Promise.all([1, 2, 3].map(() => endpoint.connect()));
    const [writes, reads, others] = clients.map(
      ({ client }) => new RedisStreamStore(client, { prefix: "chaos", push }),
    ) as [RedisStreamStore, RedisStreamStore, RedisStreamStore];

    const over = performance.now() + RUN_MS;
    const havoc = makeHavoc(redis.url, endpoint, over);
    const random = seededRandom(3);

    const half = sleep(RUN_MS / 2);

    /** Starts a stream, and five readers of it; resolves to its length when all have seen all of it. */
    const produce = async (n: number): Promise<number> => {
      const id = `s${n}`;
      const produced: string[] = [];
      const { response, finished } = await createDurableStream({
        store: writes,
        id,
        source: async function* () {
          while (performance.now() < over) {
            const token = `${n}:${produced.length} ${random()}\n`;
            produced.push(token);
            yield token;
            await sleep(random() * 20);
          }
        },
      });
      const end = await Promise.all([
        textsOf(response).then((texts) => [0, texts] as const),
        follow(reads, id, 0),
        follow(others, id, 0),
        half.then(() => follow(others, id, 10)),
        half
          .then(() => resumeDurableStream({ store: reads, id, after: 5 }))
          .then(async (later) => [5, await textsOf(later)] as const),
        finished,
      ]);
      const status = end.pop();
      expect(status).toEqual({ state: "done", totalChunks: produced.length });
      for (const [after, texts] of end as (readonly [number, string[]])[]) {
        expect(texts).toEqual(produced.slice(after));
      }
      return produced.length;
    };
    const totals = await Promise.all(Array.from({ length: PRODUCERS }, (_, n) => produce(n)));
    const { flushed, killed } = await havoc;
    // What a client does by itself after its last cut, such as subscribing again, is done before this.
    await Promise.all([writes, reads, others].map((store) => store.getStatus("s0")));
    const chunks = totals.reduce((sum, total) => sum + total, 0);
    expect(killed, "connections killed").toBeGreaterThan(RUN_MS / HAVOC_MS / 2);
    if (RUN_MS > 4_000) console.log({ name, chunks, flushed, killed });
  },
);

/** Every 200 ms SCRIPT FLUSH and the end of every other connection, until time is up. */
async function makeHavoc(url: string, { proxy }: FaultyEndpoint, over: number) {
  await using admin = await openRaw(url);
  const done = { flushed: 0, killed: 0 };
  while (performance.now() < over) {
    await sleep(HAVOC_MS);
    await admin.command("SCRIPT", "FLUSH");
    done.flushed++;
    if (proxy.url.startsWith("http")) {
      // What a REST client has are connections to the service; those behind it are not its business.
      done.killed += proxy.connections;
      proxy.cut();
      continue;
    }
    // A connection that is subscribed is of another type.
    for (const type of ["normal", "pubsub"]) {
      done.killed += Number(await admin.text("CLIENT", "KILL", "TYPE", type, "SKIPME", "yes"));
    }
  }
  return done;
}

/** What a reader sees behind `after`, once the stream has ended. */
async function follow(store: RedisStreamStore, id: string, after: number) {
  const texts: string[] = [];
  const reader = store.readFrom(id, after);
  for (let next = await reader.next(); ; next = await reader.next()) {
    if (next.done === true) {
      expect(next.value).toEqual({ state: "done", totalChunks: after + texts.length });
      return [after, texts] as const;
    }
    texts.push(fromChunk(next.value.data).data);
    expect(next.value.seq).toBe(after + texts.length);
  }
}

/** The texts of a response that ended as it should. */
async function textsOf(response: Response): Promise<string[]> {
  expect(response.status).toBe(200);
  const events = new SseDecoder().decode(await response.text());
  expect(events.shift()).toMatchObject({ event: CONTROL_EVENTS.streamId });
  expect(events.pop(), JSON.stringify(events.at(-1))).toMatchObject({ event: CONTROL_EVENTS.done });
  return events.map(({ event, data }) => (expect(event).toBe(""), data));
}
