import {
  chooseModel,
  connectRedis,
  databaseFile,
  logAnswers,
  visitorOf,
} from "@streambed/example-kit";
import { RedisActiveStreams, RedisConversationStore, RedisStreamStore } from "@streambed/redis";
import { SqliteActiveStreams, SqliteConversationStore, SqliteStreamStore } from "@streambed/sqlite";
import { createChatHandler } from "@streambed/sveltekit/server";
import type { ChatMessage } from "@streambed/ai-sdk";
import { building } from "$app/env";
import { onceFinished, waitUntil } from "./under-way.ts";

// `vite build` runs this file, too, and has nothing to keep.
const env = building ? {} : process.env;
const redis = await connectRedis(env);
const file = building || redis ? ":memory:" : databaseFile(env, ".");
const ttlSec = 24 * 60 * 60;

const store = redis ? new RedisStreamStore(redis) : new SqliteStreamStore(file);
const active = redis ? new RedisActiveStreams(redis) : new SqliteActiveStreams(file);
export const conversations = redis
  ? new RedisConversationStore<ChatMessage>(redis, { ttlSec })
  : new SqliteConversationStore<ChatMessage>(file, { ttlSec });

/** A `handle` hook that answers `useChat`, and SvelteKit's `Chat`, below `/api/chat`. */
export const chat = createChatHandler(
  {
    model: logAnswers(chooseModel(env).model),
    store,
    active,
    conversation: { store: conversations },
    authorize: (request, { chatId }) => isTheirs(chatId, visitorOf(request)),
    leaseMs: Number(env.LEASE_MS || 5_000),
    ttlSec,
  },
  { waitUntil },
);
// Its connection would keep the process from ending.
onceFinished(() => redis?.disconnect());

export function isTheirs(chatId: string, visitor: string | undefined): boolean {
  return visitor !== undefined && chatId.startsWith(`${visitor}.`);
}
