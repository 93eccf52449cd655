import { setTimeout as sleep } from "node:timers/promises";
import type { RedisClient } from "@streambed/redis-driver";
import { RespConnection, startTcpProxy, startUpstashEmulator } from "@streambed/test-kit";
import type { TcpProxy } from "@streambed/test-kit";
import { Redis as Upstash } from "@upstash/redis";
import { Redis } from "ioredis";
import { Redis as Redis5 } from "ioredis5";
import { createClient } from "redis";
import { createClient as createClient5 } from "redis5";
import type { RedisStreamStore } from "../src/index.ts";
import { toEightMethods } from "./eight-methods.ts";

export const SCRIPT_CLIENTS = [
  "ioredis 6",
  "ioredis 5",
  "node-redis 6",
  "node-redis 5",
  "Upstash",
] as const;

/** A kind of client; "eight methods" is an ioredis 6 that shows no more than those. */
export type ClientKind = (typeof SCRIPT_CLIENTS)[number] | "eight methods";

/** A connected client. Connection errors are what the tests are about: they are not printed. */
export interface Connected extends AsyncDisposable {
  client: RedisClient;
  /** Listeners on the client, of all events together; undefined where it has none. */
  listeners(): number | undefined;
}

/** @param url of a Redis; for Upstash, of a REST endpoint with the token "test-token" */
export async function connectClient(kind: ClientKind, url: string): Promise<Connected> {
  switch (kind) {
    case "Upstash":
      return {
        client: new Upstash({ url, token: "test-token" }),
        listeners: () => undefined,
        async [Symbol.asyncDispose]() {},
      };
    case "ioredis 6":
    case "ioredis 5":
    case "eight methods": {
      const options = { retryStrategy: () => 20 };
      const client = kind === "ioredis 5" ? new Redis5(url, options) : new Redis(url, options);
      client.on("error", () => {});
      return {
        client: kind === "eight methods" ? toEightMethods(client) : client,
        listeners: () => countListeners(client),
        async [Symbol.asyncDispose]() {
          client.disconnect();
        },
      };
    }
    case "node-redis 6":
    case "node-redis 5": {
      const options = { url, socket: { reconnectStrategy: () => 20 } };
      const client = kind === "node-redis 5" ? createClient5(options) : createClient(options);
      client.on("error", () => {});
      await client.connect();
      return {
        client,
        listeners: () => countListeners(client),
        async [Symbol.asyncDispose]() {
          client.destroy();
        },
      };
    }
  }
}

/** Where a kind of client connects to: the Redis itself, or an emulator in front of it. */
export interface Endpoint extends AsyncDisposable {
  url: string;
  connect(): Promise<Connected>;
}

export async function openEndpoint(kind: ClientKind, redisUrl: string): Promise<Endpoint> {
  const opened: AsyncDisposable[] = [];
  let url = redisUrl;
  if (kind === "Upstash") {
    const emulator = await startUpstashEmulator(addressOf(redisUrl));
    opened.push(emulator);
    url = emulator.url;
  }
  return {
    url,
    async connect() {
      const connected = await connectClient(kind, url);
      opened.push(connected);
      return connected;
    },
    [Symbol.asyncDispose]: () => disposeAll(opened),
  };
}

/** The same with faults to switch on, in whatever the client speaks. */
export interface FaultyEndpoint extends Endpoint {
  proxy: TcpProxy;
  /** Carries out requests of which `which` is true, and loses the reply, until it is called again. */
  losesReplies(which: (command: string[]) => boolean): void;
}

export async function openFaultyEndpoint(
  kind: ClientKind,
  redisUrl: string,
): Promise<FaultyEndpoint> {
  const redis = addressOf(redisUrl);
  const emulator = kind === "Upstash" ? await startUpstashEmulator(redis) : undefined;
  const proxy = await startTcpProxy(
    emulator ? { host: "127.0.0.1", port: emulator.port, protocol: "http" } : redis,
  );
  const opened: AsyncDisposable[] = [proxy];
  if (emulator) opened.push(emulator);
  let loses: (command: string[]) => boolean = () => false;
  // A plan is used up by its first hit: another takes its place.
  const arm = (): void => {
    const takes = (command: string[]): boolean => {
      const hit = loses(command);
      if (hit) queueMicrotask(arm);
      return hit;
    };
    if (emulator) emulator.dropReplies((commands) => takes(commands[0] ?? []));
    else proxy.dropReplies((command) => takes(command.map(String)));
  };
  arm();
  return {
    url: proxy.url,
    proxy,
    losesReplies(which) {
      loses = which;
    },
    async connect() {
      const connected = await connectClient(kind, proxy.url);
      opened.unshift(connected);
      return connected;
    },
    [Symbol.asyncDispose]: () => disposeAll(opened),
  };
}

function addressOf(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port || 6379) };
}

/** A bare connection, for a look at what is stored. */
export function openRaw(redisUrl: string): Promise<RespConnection> {
  return RespConnection.open(addressOf(redisUrl));
}

export async function transcriptOf(store: RedisStreamStore, id: string): Promise<string[]> {
  const chunks: string[] = [];
  for await (const { data } of store.readFrom(id, 0)) chunks.push(data);
  return chunks;
}

/** Awaits a condition, looking every few milliseconds, for as long as the test has. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(5);
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

async function disposeAll(opened: AsyncDisposable[]): Promise<void> {
  for (const one of opened.splice(0)) await one[Symbol.asyncDispose]();
}

function countListeners(client: {
  eventNames(): (string | symbol)[];
  listenerCount(name: string | symbol): number;
}): number {
  return client.eventNames().reduce((sum, name) => sum + client.listenerCount(name), 0);
}
