import { createChatHandler } from "@streambed/ai-sdk";
import type { ChatMessage } from "@streambed/ai-sdk";
import { chooseModel, connectRedis, databaseFile, logAnswers } from "@streambed/example-kit";
import { RedisActiveStreams, RedisConversationStore, RedisStreamStore } from "@streambed/redis";
import { SqliteActiveStreams, SqliteConversationStore, SqliteStreamStore } from "@streambed/sqlite";
import { PHASE_PRODUCTION_BUILD } from "next/constants";
import { mayUse } from "./may-use.ts";

// `next build` runs this file, too, and has nothing to keep.
const isBuild = process.env["NEXT_PHASE"] === PHASE_PRODUCTION_BUILD;
const redis = isBuild ? undefined : await connectRedis(process.env);
const file = isBuild || redis ? ":memory:" : databaseFile(process.env, process.cwd());
const ttlSec = 24 * 60 * 60;

const store = redis ? new RedisStreamStore(redis) : new SqliteStreamStore(file);
const active = redis ? new RedisActiveStreams(redis) : new SqliteActiveStreams(file);
export const conversations = redis
  ? new RedisConversationStore<ChatMessage>(redis, { ttlSec })
  : new SqliteConversationStore<ChatMessage>(file, { ttlSec });

export const handler = createChatHandler({
  model: logAnswers(chooseModel(process.env).model),
  store,
  active,
  conversation: { store: conversations },
  authorize: (request, { chatId }) => mayUse(request, chatId),
  leaseMs: Number(process.env["LEASE_MS"] || 5_000),
  ttlSec,
});
