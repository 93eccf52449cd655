import { randomUUID } from "node:crypto";
import type { RespConnection } from "@streambed/test-kit";
import type { Lock, Logger, QueueEntry } from "chat";
import { inject, onTestFinished } from "vitest";
import type { TestContext } from "vitest";
import {
  connectClient,
  openFaultyEndpoint,
  openRaw,
} from "../../redis-stream-store/test/support-clients.ts";
import type {
  ClientKind,
  Connected,
  FaultyEndpoint,
} from "../../redis-stream-store/test/support-clients.ts";
import { createIoRedisState } from "../src/index.ts";
import type { RedisStateAdapter, RedisStateAdapterOptions, StateClient } from "../src/index.ts";
import * as scripts from "../src/scripts.generated.ts";

export const randomPrefix = (): string => `test:${randomUUID()}`;

/** Every kind of client but that of eight methods runs scripts. */
export const scriptClient = ({ client }: Connected): StateClient => client as StateClient;

/** Either a test's own context, as side by side tests need it, or the one that runs. */
type Finish = Pick<TestContext, "onTestFinished">;

/** A connected adapter, disconnected with the test. */
export async function connectState(
  options: RedisStateAdapterOptions,
  test: Finish = { onTestFinished },
): Promise<RedisStateAdapter> {
  const state = createIoRedisState(options);
  test.onTestFinished(() => state.disconnect());
  await state.connect();
  return state;
}

/** A look past the adapters at what is stored, and at the clock of the keys. */
export interface Raw {
  ask(...command: string[]): Promise<unknown>;
  /** All keys of one prefix, receipts aside. */
  keys(prefix: string): Promise<string[]>;
  receipts(prefix: string): Promise<string[]>;
}

export async function openRawFor(
  test: Finish = { onTestFinished },
  url: string = inject("redisUrl"),
): Promise<Raw> {
  const connection = await openRaw(url);
  test.onTestFinished(() => connection.close());
  const all = async (prefix: string): Promise<string[]> => {
    const keys = (await askAsText(connection, "KEYS", `*${prefix}*`)) as string[];
    return keys.sort();
  };
  const isReceipt = (key: string): boolean => /\}:op:[^:]+$/.test(key);
  return {
    ask: (...command) => askAsText(connection, ...command),
    keys: async (prefix) => (await all(prefix)).filter((key) => !isReceipt(key)),
    receipts: async (prefix) => (await all(prefix)).filter(isReceipt),
  };
}

async function askAsText(connection: RespConnection, ...command: string[]): Promise<unknown> {
  const asText = (reply: unknown): unknown => {
    if (Array.isArray(reply)) return reply.map(asText);
    return Buffer.isBuffer(reply) ? String(reply) : reply;
  };
  return asText(await connection.command(...command));
}

/** A logger, and what it was told as errors. */
export function listeningLogger(): { logger: Logger; errors: unknown[][] } {
  const errors: unknown[][] = [];
  const nobody = (): void => {};
  const logger: Logger = {
    debug: nobody,
    info: nobody,
    warn: nobody,
    error: (...told) => void errors.push(told),
    child: () => logger,
  };
  return { logger, errors };
}

/** As the Chat SDK makes one; a message in JSON, as it comes out of a queue. */
export function entryOf(text: string, ttlMs = 90_000): QueueEntry {
  const now = Date.now();
  const message = { _type: "chat:Message", id: text, text } as unknown as QueueEntry["message"];
  return { message, enqueuedAt: now, expiresAt: now + ttlMs };
}

export const textOf = (entry: QueueEntry | null): string | undefined => entry?.message.text;

/** An adapter behind faults, another that has none, and what both share. */
export interface Faulty {
  kind: ClientKind;
  endpoint: FaultyEndpoint;
  prefix: string;
  state: RedisStateAdapter;
  onlooker: RedisStateAdapter;
  raw: Raw;
  /** Locks that tests have taken, by id. */
  locks: Record<string, Lock>;
}

export async function setUpFaulty(
  kind: ClientKind,
  test: Finish,
  options: Partial<RedisStateAdapterOptions> = {},
): Promise<Faulty> {
  const url = inject("redisUrl");
  const prefix = randomPrefix();
  const endpoint = await openFaultyEndpoint(kind, url);
  test.onTestFinished(() => endpoint[Symbol.asyncDispose]());
  const direct = await connectClient("ioredis 6", url);
  test.onTestFinished(() => direct[Symbol.asyncDispose]());
  const raw = await openRawFor(test);
  // Every script is known to the server, so that each attempt is one request.
  await Promise.all(Object.values(scripts).map(({ source }) => raw.ask("SCRIPT", "LOAD", source)));
  const client = scriptClient(await endpoint.connect());
  const state = await connectState({ keyPrefix: prefix, ...options, client }, test);
  const onlooker = await connectState({ keyPrefix: prefix, client: scriptClient(direct) }, test);
  return { kind, endpoint, prefix, state, onlooker, raw, locks: {} };
}
