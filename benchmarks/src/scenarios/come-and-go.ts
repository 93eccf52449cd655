import { getEventListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { createDurableStream } from "@streambed/core";
import type { StreamStore } from "@streambed/core";
import { RedisStreamStore } from "@streambed/redis-stream-store";
import type { RedisStreamStoreOptions } from "@streambed/redis-stream-store";
import type { Redis } from "ioredis";
import type { Ground } from "../kit/ground.ts";
import { countHeldStrings, listenersOf, RunningTimers, subscriptionsOn } from "../kit/leftovers.ts";
import { short } from "../kit/measure.ts";
import { heldBytes } from "../kit/memory.ts";
import type { Figure, Scenario } from "../kit/scenario.ts";
import { token } from "../kit/tokens.ts";

const STREAMS = 1_000;
const AT_ONCE = 50;

export const scenario: Scenario = {
  question: "What is left behind by streams that have come and gone?",
  workload: `${STREAMS} streams, ${AT_ONCE} at once, through the engine, each with readers in its process and over another connection that end with it, leave or abort; after as many that do not count; with push and with polling`,
  async run(ground) {
    return [
      ...(await comeAndGo(ground, "push", { push: true })),
      ...(await comeAndGo(ground, "polling", {})),
    ];
  },
};

interface Place {
  writing: RedisStreamStore;
  reading: RedisStreamStore;
  /** A signal that outlives all readings, as a server's own does. */
  signal: AbortSignal;
  clients: Redis[];
}

async function comeAndGo(
  ground: Ground,
  how: string,
  options: RedisStreamStoreOptions,
): Promise<Figure[]> {
  const timers = new RunningTimers();
  const clients = [await ground.connect(), await ground.connect()];
  const [writing, reading] = clients.map((client) => new RedisStreamStore(client, options));
  const place = {
    writing: writing!,
    reading: reading!,
    signal: new AbortController().signal,
    clients,
  };
  const observer = await ground.connect();

  await runAll(place, `warm-up-${how}`);
  await runAll(place, `warm-up-too-${how}`);
  const counts = async (): Promise<number[]> => [
    timers.count,
    clients.reduce((sum, client) => sum + listenersOf(client), 0) +
      getEventListeners(place.signal, "abort").length,
    await subscriptionsOn(observer),
  ];
  await heldBytes();
  const countsBefore = await counts();
  const before = await heldBytes();
  await runAll(place, `measured-${how}`);
  const after = await heldBytes();
  const countsAfter = await counts();
  const held = await countHeldStrings(new RegExp(`measured-${how}-\\d`));

  const left = (name: string, value: number): Figure => ({
    name: `${how}: ${name} left`,
    value,
    bar: { atMost: 0 },
  });
  const [timersLeft, listenersLeft, subscriptionsLeft] = countsAfter.map(
    (count, i) => count - countsBefore[i]!,
  );
  return [
    left("timers", timersLeft!),
    left("listeners", listenersLeft!),
    left("subscriptions", subscriptionsLeft!),
    left("strings with a stream's id", held),
    {
      name: `${how}: heap after ${STREAMS} streams`,
      value: after / before,
      unit: "×",
      bar: { atMost: 1.1 },
      baseline: `before: ${short(before / 2 ** 20)} MiB`,
    },
  ];
}

async function runAll(place: Place, ids: string): Promise<void> {
  for (let at = 0; at < STREAMS; at += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => runOne(place, `${ids}-${at + i}`)));
  }
  // What a poll had under way is back by now.
  await sleep(300);
}

async function runOne({ writing, reading, signal }: Place, id: string): Promise<void> {
  const { response, finished } = await createDurableStream({ store: writing, id, source: answer });
  await Promise.all([
    finished,
    response.text(),
    readToEnd(reading, id, signal),
    leaveEarly(reading, id, signal),
    abort(reading, id),
    abort(writing, id),
  ]);
  await writing.delete(id);
}

async function* answer(): AsyncGenerator<string> {
  for (let i = 0; i < 10; i++) {
    await sleep(5);
    yield token(i);
  }
}

async function readToEnd(store: StreamStore, id: string, signal: AbortSignal): Promise<void> {
  let last = 0;
  for await (const { seq } of store.readFrom(id, 0, { signal })) last = seq;
  if (last === 0) throw new Error("nothing was read");
}

async function leaveEarly(store: StreamStore, id: string, signal: AbortSignal): Promise<void> {
  for await (const { seq } of store.readFrom(id, 0, { signal })) if (seq === 3) break;
}

async function abort(store: StreamStore, id: string): Promise<void> {
  const signal = AbortSignal.timeout(25);
  try {
    for await (const chunk of store.readFrom(id, 0, { signal })) void chunk;
  } catch (error) {
    if (error !== signal.reason) throw error;
  }
}
