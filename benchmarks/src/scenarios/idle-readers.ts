import { setTimeout as sleep } from "node:timers/promises";
import { RedisStreamStore } from "@streambed/redis-stream-store";
import { spawnNode, startTcpProxy, startUpstashEmulator } from "@streambed/test-kit";
import type { UpstashEmulator } from "@streambed/test-kit";
import { Redis as Upstash } from "@upstash/redis";
import { Bursts } from "../kit/bursts.ts";
import { requestsOf } from "../kit/ground.ts";
import type { Ground } from "../kit/ground.ts";
import { Readers } from "../kit/readers.ts";
import type { Figure, Scenario } from "../kit/scenario.ts";

const STREAMS = 1_000;
/** As long as a lease of 15 s leaves between two heartbeats: those of all streams lie evenly in time. */
const SPREAD_SEC = 5;
/** In which a pace that slows down has become as slow as it gets. */
const SETTLE_SEC = 8;
const WINDOW_SEC = 10;
const IDS = "idle-";

export const scenario: Scenario = {
  question: "What do readers cost that have nothing to read?",
  workload: `${STREAMS} silent streams of another process, started over ${SPREAD_SEC} s, each followed by one reader of this process by push, by polling and over Upstash: requests in ${WINDOW_SEC} s`,
  async run(ground) {
    const { heartbeats, polls } = await startProducers(ground);
    const readers = new Readers();
    const followAll = (store: RedisStreamStore): void => {
      for (let i = 0; i < STREAMS; i++) readers.follow(store, `${IDS}${i}`);
    };

    const pushed = await ground.proxy();
    const polled = await ground.proxy();
    const upstash = ground.use(await startUpstashEmulator(ground.redis));
    const upstashAlone = ground.use(await startUpstashEmulator(ground.redis));
    followAll(new RedisStreamStore(await ground.connect(pushed.url), { push: true }));
    followAll(new RedisStreamStore(await ground.connect(polled.url)));
    followAll(new RedisStreamStore(toClient(upstash)));
    readers.follow(new RedisStreamStore(toClient(upstashAlone)), `${IDS}0`);

    await sleep(SETTLE_SEC * 1_000);
    for (const counter of [pushed, polled, upstash, upstashAlone]) counter.resetCounts();
    heartbeats.reset();
    polls.reset();
    await sleep(WINDOW_SEC * 1_000);
    // One less: a window of ten seconds can hold the beginning of an eleventh.
    const figures = [
      perSecond("push: requests", requestsOf(pushed), 1),
      perSecond("polling: requests", requestsOf(polled), 25),
      perSecond("producers: pipelines of heartbeats", heartbeats.bursts - 1, 1),
      perSecond("producers: requests with heartbeats", heartbeats.requests),
      perSecond("producers: looks for a stop", polls.requests),
      perReaderHour("Upstash, one reader", upstashAlone.billedCommands, 1),
      perReaderHour(`Upstash, ${STREAMS} readers`, upstash.billedCommands, STREAMS),
    ];
    await readers.leave();
    return figures;
  },
};

async function startProducers(ground: Ground): Promise<{ heartbeats: Bursts; polls: Bursts }> {
  const heartbeats = new Bursts();
  const polls = new Bursts();
  const { host, port } = ground.redis;
  const proxy = ground.use(
    await startTcpProxy({
      host,
      port,
      onRequest: (args) => (isAppend(args) ? heartbeats : polls).note(),
    }),
  );
  const producers = ground.use(
    await spawnNode(new URL("../children/idle-producers.ts", import.meta.url), {
      args: [proxy.url, IDS, '{"push":true}', String(STREAMS), String(SPREAD_SEC)],
    }),
  );
  await producers.waitForLine(/^ready$/, 30_000);
  return { heartbeats, polls };
}

/** Whether a request brings appends, named as the engine does it: by a writer and a number. */
function isAppend(args: readonly Buffer[]): boolean {
  return args.some((arg) => /^[\da-f-]{36}\.\d+$/.test(String(arg)));
}

function toClient({ url, token }: UpstashEmulator): Upstash {
  return new Upstash({ url, token, enableTelemetry: false });
}

function perSecond(name: string, count: number, atMost?: number): Figure {
  const value = count / WINDOW_SEC;
  const bar = atMost === undefined ? {} : { bar: { atMost } };
  return { name, value, unit: "/s", ...bar, baseline: `${STREAMS} readers, ${STREAMS} streams` };
}

function perReaderHour(name: string, billed: number, readers: number): Figure {
  const value = (billed / WINDOW_SEC / readers) * 3_600;
  return { name: `${name}: billed commands`, value, unit: "/reader-hour" };
}
