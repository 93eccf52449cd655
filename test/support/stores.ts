import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StreamStore } from "@streambed/core";
import type { ConversationStore } from "@streambed/core/conversation";
import { RedisConversationStore, RedisStreamStore } from "@streambed/redis";
import { RedisRunLogStore } from "@streambed/redis-run-log";
import { SqliteConversationStore, SqliteStreamStore } from "@streambed/sqlite";
import { Redis } from "ioredis";
import { inject } from "vitest";

/** A store of the tests' own, that server processes and this one share. */
export interface SharedStore extends AsyncDisposable {
  /** Leads a server process to it. */
  env: Record<string, string>;
  /** Opened by this process. */
  store: StreamStore;
  /** What was said in chats and sessions. */
  conversations: ConversationStore;
  /** How many keys or rows there are. */
  size(): Promise<number>;
  /** The token of a stream's producer, as it is stored. */
  writerOf(id: string): Promise<string>;
}

/** Each test runs with each of these. */
export const STORES = [
  { name: "Redis", open: openRedis },
  { name: "SQLite", open: openSqlite },
];

/** And what is about the streams alone, also with this one. */
export const STREAM_STORES = [...STORES, { name: "Redis, as run logs", open: openRunLogs }];

async function openRedis(): Promise<SharedStore> {
  const url = inject("redisUrl");
  const prefix = `e2e:${randomUUID()}`;
  const redis = new Redis(url);
  return {
    env: { REDIS_URL: url, REDIS_PREFIX: prefix },
    store: new RedisStreamStore(redis, { prefix }),
    conversations: new RedisConversationStore(redis, { prefix: `${prefix}:chat` }),
    size: async () => (await redis.keys(`${prefix}*`)).length,
    async writerOf(id) {
      const status = JSON.parse((await redis.get(`${prefix}:${id}:status`)) ?? "") as {
        writer: string;
      };
      return status.writer;
    },
    [Symbol.asyncDispose]: async () => redis.disconnect(),
  };
}

async function openRunLogs(): Promise<SharedStore> {
  const shared = await openRedis();
  const redis = new Redis(inject("redisUrl"));
  const { REDIS_PREFIX: prefix = "" } = shared.env;
  return {
    ...shared,
    env: { ...shared.env, RUN_LOG: "1" },
    store: new RedisRunLogStore(redis, { prefix }),
    size: async () => (await redis.keys(`*${prefix}*`)).length,
    async writerOf(id) {
      const status = JSON.parse((await redis.get(`{${prefix}:${id}}:meta`)) ?? "") as {
        writer: string;
      };
      return status.writer;
    },
    async [Symbol.asyncDispose]() {
      redis.disconnect();
      await shared[Symbol.asyncDispose]();
    },
  };
}

async function openSqlite(): Promise<SharedStore> {
  const folder = await mkdtemp(join(tmpdir(), "streambed-e2e-"));
  const file = join(folder, "streams.db");
  const store = new SqliteStreamStore(file);
  const conversations = new SqliteConversationStore(file);
  const db = new DatabaseSync(file, { readOnly: true });
  return {
    env: { SQLITE_FILE: file },
    store,
    conversations,
    async size() {
      const sql = "SELECT (SELECT count(*) FROM stream) + (SELECT count(*) FROM chunk) AS rows";
      return db.prepare(sql).get()?.rows as number;
    },
    async writerOf(id) {
      return db.prepare("SELECT writer FROM stream WHERE id = ?").get(id)?.writer as string;
    },
    async [Symbol.asyncDispose]() {
      db.close();
      store.close();
      conversations.close();
      await rm(folder, { recursive: true });
    },
  };
}
