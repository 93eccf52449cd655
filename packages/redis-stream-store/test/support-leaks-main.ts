// Lets streams come and go, and prints what is left of them in this process and on the server.
import { setTimeout as sleep } from "node:timers/promises";
import { getHeapSnapshot, queryObjects } from "node:v8";
import { createDurableStream } from "@streambed/core";
import type { StreamStatus } from "@streambed/core";
import { RedisStreamStore } from "../src/index.ts";
import { StreamTail } from "../src/stream-tail.ts";
import { openEndpoint, openRaw, until } from "./support-clients.ts";
import type { ClientKind } from "./support-clients.ts";

export interface LeakOptions {
  kind: ClientKind;
  push: boolean;
  url: string;
  streams: number;
}

/** What is alive after a full collection. */
export interface Left {
  heapUsed: number;
  /** Objects by class; cleared timers are not among them. */
  objects: Record<"Timeout" | "Promise" | "StreamTail", number>;
  listeners: (number | undefined)[];
  /** Ids of streams that some string in the heap still holds. */
  ids: number;
  /** What keeps the process alive. */
  resources: string[];
  channels: number;
  subscribed: number;
  connections: number;
}

export interface LeakReport {
  before: Left;
  after: Left;
  /** The most that were there at once, to see that there was something to clean up. */
  most: { tails: number; channels: number };
}

const MARK = "leaking-stream-";
const AT_ONCE = 200;
const left: StreamStatus = { state: "stopped", totalChunks: 0 };

const { kind, push, url, streams } = JSON.parse(process.env.LEAKS!) as LeakOptions;
const endpoint = await openEndpoint(kind, url);
const clients = await Promise.all([endpoint.connect(), endpoint.connect()]);
// A busy machine may take its time: what is left behind is the question here.
const patience = { timeoutMs: 30_000, retryForMs: 60_000 };
const [writes, reads] = clients.map(
  ({ client }) =>
    new RedisStreamStore(client, { prefix: "leaks", push, pollIntervalMs: 20, ...patience }),
) as [RedisStreamStore, RedisStreamStore];
const raw = await openRaw(url);
const most = { tails: 0, channels: 0 };
const countChannels = async (): Promise<number> =>
  ((await raw.command("PUBSUB", "CHANNELS", "leaks*")) as unknown[]).length;

await live("warm", 200);
const before = await measure(false);
await live("hot", streams);
const report: LeakReport = { before, after: await measure(true), most };
process.stdout.write(`report=${JSON.stringify(report)}\n`);
process.exit();

async function live(name: string, count: number): Promise<void> {
  for (let n = 0; n < count; n += AT_ONCE) {
    const some = Array.from({ length: AT_ONCE }, (_, i) => oneLife(`${MARK}${name}-${n + i}`, i));
    await Promise.all(some.map(({ isFollowed }) => isFollowed));
    if (most.tails === 0) most.tails = queryObjects(StreamTail, { format: "count" });
    if (push) await until(async () => (await countChannels()) > 0);
    most.channels = Math.max(most.channels, await countChannels());
    await Promise.all(some.map(({ finish }) => finish()));
  }
}

/** A stream that is followed here and elsewhere, until it comes to one of several ends. */
function oneLife(id: string, n: number): { isFollowed: Promise<void>; finish(): Promise<void> } {
  const text = `${id} `.repeat(200);
  const abort = new AbortController();
  const { promise: ending, resolve: end } = Promise.withResolvers<void>();
  let followers: ReturnType<RedisStreamStore["readFrom"]>[] = [];
  let waiting: Promise<unknown>[] = [];
  let body: Promise<string> | undefined;
  let finished: Promise<unknown> = Promise.resolve();

  const begin = async (): Promise<void> => {
    if (n % 2 === 0) {
      const stream = await createDurableStream({
        store: writes,
        id,
        source: async function* () {
          yield text;
          await ending;
          yield text;
        },
      });
      finished = stream.finished.catch(() => {});
      body = stream.response.text();
    } else {
      await writes.create(id);
      await writes.append(id, text);
    }
    const { signal } = abort;
    followers = [writes.readFrom(id, 0), reads.readFrom(id, 0), reads.readFrom(id, 0, { signal })];
    await Promise.all(followers.map((follower) => follower.next()));
    waiting = followers.map((follower) => follower.next().catch(() => {}));
  };
  const finish = async (): Promise<void> => {
    if (n % 5 === 0) abort.abort();
    if (n % 5 === 1) await Promise.all(followers.map((follower) => follower.return(left)));
    if (n % 5 === 2) await reads.delete(id);
    else if (n % 5 === 3) await reads.stop(id);
    end();
    if (n % 2 === 1 && n % 5 !== 2) await writes.complete(id);
    await Promise.all([...waiting, body, finished]);
    for (const follower of followers) while (!(await isOver(follower)));
    if (n % 3 === 0) await writes.delete(id);
  };
  return { isFollowed: begin(), finish };
}

async function isOver(follower: ReturnType<RedisStreamStore["readFrom"]>): Promise<boolean> {
  return follower.next().then(
    ({ done }) => done === true,
    () => true,
  );
}

async function measure(withIds: boolean): Promise<Left> {
  // Ends of subscriptions are on their way, REST clients close idle connections.
  await until(async () => (await countChannels()) === 0);
  await sleep(200);
  for (let i = 0; i < 2; i++) {
    globalThis.gc!();
    await sleep(20);
  }
  const list = (await raw.text("CLIENT", "LIST")).trim().split("\n");
  const { constructor: Timeout } = setTimeout(() => {}, 0) as object;
  await sleep(20);
  const count = (of: unknown): number => queryObjects(of as new () => unknown, { format: "count" });
  return {
    heapUsed: process.memoryUsage().heapUsed,
    objects: {
      Timeout: count(Timeout),
      Promise: count(Promise),
      StreamTail: count(StreamTail),
    },
    listeners: clients.map((client) => client.listeners()),
    ids: withIds ? await countIds() : 0,
    resources: process.getActiveResourcesInfo().sort(),
    channels: await countChannels(),
    subscribed: list.filter((client) => !/ sub=0 psub=0 /.test(client)).length,
    connections: list.length,
  };
}

async function countIds(): Promise<number> {
  const ids = new Set<string>();
  let carry = "";
  for await (const piece of getHeapSnapshot()) {
    const text = carry + String(piece);
    for (const [id] of text.matchAll(new RegExp(`${MARK}[a-z]+-\\d+`, "g"))) ids.add(id);
    carry = text.slice(-64);
  }
  return ids.size;
}
