import { setTimeout as sleep } from "node:timers/promises";
import { RedisStreamStore } from "@streambed/redis-stream-store";
import type { RedisStreamStoreOptions } from "@streambed/redis-stream-store";
import { requestsOf } from "../kit/ground.ts";
import type { Ground } from "../kit/ground.ts";
import { short } from "../kit/measure.ts";
import { heldBytes } from "../kit/memory.ts";
import { Readers } from "../kit/readers.ts";
import type { Figure, Scenario } from "../kit/scenario.ts";
import { token } from "../kit/tokens.ts";

const READERS = 1_000;
const CHUNKS = 200;
const PACE_MS = 10;

export const scenario: Scenario = {
  question: "What do many readers of one stream in one process cost?",
  workload: `${READERS} readers of one stream, ${CHUNKS} appends, one each ${PACE_MS} ms; by push and by polling from another connection, and from the writer's own store`,
  async run(ground) {
    return [
      ...(await fanOut(ground, "push", { push: true })),
      ...(await fanOut(ground, "polling", {})),
      ...(await fanOut(ground, "own-process", {})),
      await heapOf(ground, "one stream", () => "heap"),
      await heapOf(ground, "a stream each", (i) => `heap-${i}`),
    ];
  },
};

async function fanOut(
  ground: Ground,
  how: "push" | "polling" | "own-process",
  options: RedisStreamStoreOptions,
): Promise<Figure[]> {
  const proxy = await ground.proxy();
  const writing = new RedisStreamStore(await ground.connect(proxy.url), options);
  const reading =
    how === "own-process"
      ? writing
      : new RedisStreamStore(await ground.connect(proxy.url), options);
  await writing.create(how, { writer: "w" });
  await writing.append(how, "first", { writer: "w" });

  const missing = Array.from({ length: READERS }, () => CHUNKS + 1);
  const readers = new Readers();
  for (let i = 0; i < READERS; i++) readers.follow(reading, how, () => void missing[i]!--);
  await sleep(500);

  proxy.resetCounts();
  const startedAt = performance.now();
  for (let i = 0; i < CHUNKS; i++) {
    const end = i === CHUNKS - 1 ? "done" : undefined;
    await writing.append(how, token(i), { writer: "w", end });
    await sleep(Math.max(0, startedAt + (i + 1) * PACE_MS - performance.now()));
  }
  await readers.ended();
  const baseline = `${READERS} readers, ${CHUNKS} appends`;
  return [
    {
      name: `${how}: requests in all for an append`,
      value: requestsOf(proxy) / CHUNKS,
      bar: { atMost: 2 },
      baseline,
    },
    {
      name: `${how}: chunks that a reader missed or got twice`,
      value: missing.reduce((sum, count) => sum + Math.abs(count), 0),
      bar: { atMost: 0 },
      baseline,
    },
  ];
}

async function heapOf(ground: Ground, what: string, idOf: (i: number) => string): Promise<Figure> {
  const writing = new RedisStreamStore(await ground.connect());
  const store = new RedisStreamStore(await ground.connect());
  const ids = Array.from({ length: READERS }, (_, i) => idOf(i));
  for (const id of new Set(ids)) await writing.create(id);

  const followAll = async (): Promise<Readers> => {
    const readers = new Readers();
    for (const id of ids) readers.follow(store, id);
    await sleep(300);
    return readers;
  };
  // Once before it counts: what code and sockets need the first time is no reader's.
  await (await followAll()).leave();
  const before = await heldBytes();
  const readers = await followAll();
  const perReader = ((await heldBytes()) - before) / READERS;
  await readers.leave();
  return {
    name: `heap of an idle reader, ${what}`,
    value: perReader / 1_024,
    unit: "KiB",
    baseline: `${short(before / 2 ** 20)} MiB without readers`,
  };
}
