import type { ConversationStore } from "@streambed/core/conversation";
import type { RedisClient } from "@streambed/redis-driver";
import { expectTypeOf, test } from "vitest";
import { RedisConversationStore } from "./redis-conversation-store.ts";

type Client = ConstructorParameters<typeof RedisConversationStore>[0];

test("a client is taken as the driver takes it, whose own test has them all", () => {
  expectTypeOf<Client>().toEqualTypeOf<RedisClient>();
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
