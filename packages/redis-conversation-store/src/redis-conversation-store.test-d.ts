import type { ConversationStore } from "@streambed/core/conversation";
import type { Redis as Upstash } from "@upstash/redis";
import type { Cluster as Cluster6, Redis as Ioredis6 } from "ioredis";
import type { Cluster as Cluster5, Redis as Ioredis5 } from "ioredis5";
import type { createClient, createClientPool, createCluster, createSentinel } from "redis";
import type {
  createClient as createClient5,
  createClientPool as createClientPool5,
  createCluster as createCluster5,
  createSentinel as createSentinel5,
} from "redis5";
import { expectTypeOf, test } from "vitest";
import { RedisConversationStore } from "./redis-conversation-store.ts";

type Client = ConstructorParameters<typeof RedisConversationStore>[0];

test("a client is taken as its library types it, without a cast", () => {
  expectTypeOf<Ioredis6 | Cluster6>().toExtend<Client>();
  expectTypeOf<Ioredis5 | Cluster5>().toExtend<Client>();
  expectTypeOf<ReturnType<typeof createClient>>().toExtend<Client>();
  expectTypeOf<ReturnType<typeof createCluster>>().toExtend<Client>();
  expectTypeOf<ReturnType<typeof createSentinel>>().toExtend<Client>();
  expectTypeOf<ReturnType<typeof createClientPool>>().toExtend<Client>();
  expectTypeOf<ReturnType<typeof createClient5>>().toExtend<Client>();
  expectTypeOf<ReturnType<typeof createCluster5>>().toExtend<Client>();
  expectTypeOf<ReturnType<typeof createSentinel5>>().toExtend<Client>();
  expectTypeOf<ReturnType<typeof createClientPool5>>().toExtend<Client>();
  expectTypeOf<Upstash>().toExtend<Client>();
  expectTypeOf<object>().not.toExtend<Client>();
});

test("its messages are of the type that one says, or have a role and a text", () => {
  interface Part {
    role: "tool";
    content: { type: string }[];
  }
  expectTypeOf<RedisConversationStore>().toExtend<ConversationStore>();
  expectTypeOf<RedisConversationStore<Part>>().toExtend<ConversationStore<Part>>();
  expectTypeOf<RedisConversationStore<Part>>().not.toExtend<ConversationStore>();
  expectTypeOf<RedisConversationStore<Part>["load"]>()
    .returns.resolves.toHaveProperty("messages")
    .toEqualTypeOf<Part[]>();
  expectTypeOf<RedisConversationStore["load"]>()
    .returns.resolves.toHaveProperty("messages")
    .toEqualTypeOf<{ role: "system" | "user" | "assistant"; content: string }[]>();
  // @ts-expect-error a message has a role
  void RedisConversationStore<{ text: string }>;
});

test("update resolves to what the change returns", () => {
  const update = async (store: RedisConversationStore) =>
    store.update("s", async (history) => history.append({ role: "user", content: "hello" }));
  expectTypeOf(update).returns.resolves.toEqualTypeOf<string>();
});
