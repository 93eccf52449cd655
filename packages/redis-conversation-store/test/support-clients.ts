import { randomUUID } from "node:crypto";
import type { EightMethodClient, RedisClient, RedisScript } from "@streambed/redis-driver";
import { startTcpProxy, startUpstashEmulator } from "@streambed/test-kit";
import type { TcpProxy } from "@streambed/test-kit";
import { Redis as Upstash } from "@upstash/redis";
import { Redis } from "ioredis";
import { Redis as Redis5 } from "ioredis5";
import { createClient } from "redis";
import { createClient as createClient5 } from "redis5";
import { inject, onTestFinished } from "vitest";

export const SCRIPT_CLIENTS = [
  "ioredis 6",
  "ioredis 5",
  "node-redis 6",
  "node-redis 5",
  "Upstash",
] as const;

/** A kind of client; "eight methods" is an ioredis 6 that shows no more than those. */
export type ClientKind = (typeof SCRIPT_CLIENTS)[number] | "eight methods";

export function randomPrefix(): string {
  return `test:${randomUUID()}`;
}

/** An ioredis client for one test. Connection errors are what some tests are about: they are not printed. */
export function connect(url: string = inject("redisUrl"), keyPrefix = ""): Redis {
  const client = new Redis(url, { retryStrategy: () => 20, keyPrefix });
  client.on("error", () => {});
  onTestFinished(() => client.disconnect());
  return client;
}

/** Nothing but the eight methods of a client: what an unknown client can do. */
export function toEightMethods(client: EightMethodClient): EightMethodClient {
  return {
    get: (key) => client.get(key),
    set: (key, value, mode, seconds) => client.set(key, value, mode, seconds),
    exists: (...keys) => client.exists(...keys),
    rpush: (key, ...values) => client.rpush(key, ...values),
    lrange: (key, start, stop) => client.lrange(key, start, stop),
    llen: (key) => client.llen(key),
    expire: (key, seconds) => client.expire(key, seconds),
    del: (...keys) => client.del(...keys),
  };
}

/** @param url of a Redis; for Upstash, of a REST endpoint with the token "test-token" */
async function connectKind(kind: ClientKind, url: string): Promise<RedisClient> {
  if (kind === "Upstash") return new Upstash({ url, token: "test-token" });
  if (kind === "ioredis 6") return connect(url);
  if (kind === "eight methods") return toEightMethods(connect(url));
  if (kind === "ioredis 5") {
    const client = new Redis5(url, { retryStrategy: () => 20 });
    client.on("error", () => {});
    onTestFinished(() => client.disconnect());
    return client;
  }
  const options = { url, socket: { reconnectStrategy: () => 20 } };
  const client = kind === "node-redis 5" ? createClient5(options) : createClient(options);
  client.on("error", () => {});
  await client.connect();
  onTestFinished(() => client.destroy());
  return client;
}

/** A client of one test, behind something that can lose its replies. */
export interface FaultyClient {
  client: RedisClient;
  proxy: TcpProxy;
  /** Carries out requests of which `which` is true, and loses the reply, until it is called again. */
  losesReplies(which: (command: string[]) => boolean): void;
}

export async function openFaultyClient(kind: ClientKind): Promise<FaultyClient> {
  const { hostname: host, port } = new URL(inject("redisUrl"));
  const redis = { host, port: Number(port || 6379) };
  const emulator = kind === "Upstash" ? await startUpstashEmulator(redis) : undefined;
  if (emulator) onTestFinished(() => emulator.stop());
  const proxy = await startTcpProxy(
    emulator ? { host: "127.0.0.1", port: emulator.port, protocol: "http" } : redis,
  );
  onTestFinished(() => proxy.stop());
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
    client: await connectKind(kind, proxy.url),
    proxy,
    losesReplies(which) {
      loses = which;
    },
  };
}

/** Whether a command runs that script, by its hash. */
export function isRun([command = "", sha1]: string[], script: RedisScript): boolean {
  return /^EVALSHA$/i.test(command) && sha1 === script.sha1;
}

/** The two levels, over one ioredis client. */
export const LEVELS: readonly [name: string, level: (redis: Redis) => RedisClient][] = [
  ["scripts", (redis) => redis],
  ["eight methods", (redis) => toEightMethods(redis)],
];
