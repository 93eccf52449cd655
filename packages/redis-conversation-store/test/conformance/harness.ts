import { randomUUID } from "node:crypto";
import { conversationStoreConformance } from "@streambed/conformance";
import type { RedisClient } from "@streambed/redis-driver";
import { RedisConversationStore } from "../../src/index.ts";

/** A client as far as the suite looks past the store. */
export interface RawClient {
  get(key: string): Promise<string | null>;
  set(key: string, value: string, mode: "EX", seconds: number): Promise<unknown>;
}

export interface RedisConformanceOptions {
  /** Two clients, so that a store and its peer share nothing but the server. */
  clients: [store: () => RedisClient, peer: () => RedisClient];
  /** For a look at what is stored. */
  raw: () => RawClient;
  patience?: number;
}

/** The suite over the given clients, under a prefix of its own. */
export function redisConformance(name: string, options: RedisConformanceOptions): void {
  const { clients, raw, patience } = options;
  const prefix = `conformance:${randomUUID()}`;
  const shared = { prefix, ttlSec: 300 };
  conversationStoreConformance(`RedisConversationStore over ${name}`, {
    sideBySide: true,
    patience,
    create: (limits) => new RedisConversationStore(clients[0](), { ...shared, ...limits }),
    createPeer: (_, limits) => new RedisConversationStore(clients[1](), { ...shared, ...limits }),
    peek: (_, id) => raw().get(`${prefix}:${id}`),
    plant: async (_, id, text) => void (await raw().set(`${prefix}:${id}`, text, "EX", 300)),
  });
}
