import { randomUUID } from "node:crypto";
import { stateAdapterConformance } from "@streambed/conformance";
import type { Deviation, Place } from "@streambed/conformance";
import { askRedis } from "@streambed/test-kit";
import { inject } from "vitest";
import { createIoRedisState, createRedisState } from "../../src/index.ts";
import type { RedisStateAdapterOptions, StateClient } from "../../src/index.ts";

export type Ask = (...command: string[]) => Promise<unknown>;

export interface ChatStateConformanceOptions {
  /** Two clients, so that an adapter and its peer share nothing but the server. */
  clients: [adapter: () => StateClient, peer: () => StateClient];
  state?: Omit<RedisStateAdapterOptions, "client">;
  patience?: number;
  deviations?: Deviation[];
  /** A command to the server. @default to the shared Redis */
  ask?: Ask;
}

/** The suite over the given clients, under a prefix of its own. */
export function chatStateConformance(name: string, options: ChatStateConformanceOptions): void {
  const { clients, state, ask = askShared, ...traits } = options;
  const keyPrefix = `conformance:${randomUUID()}`;
  stateAdapterConformance(`RedisStateAdapter over ${name}`, {
    ...traits,
    ...foreignHand(keyPrefix, ask),
    sideBySide: true,
    create: () => createIoRedisState({ ...state, keyPrefix, client: clients[0]() }),
    createPeer: () => createRedisState({ ...state, keyPrefix, client: clients[1]() }),
  });
}

/** What a peer in another language does to the keys. */
export function foreignHand(keyPrefix: string, ask: Ask) {
  return {
    async plant(_: unknown, place: Place, id: string, text: string): Promise<void> {
      const key = `${keyPrefix}:${place}:${id}`;
      await (place === "cache" ? ask("SET", key, text) : ask("RPUSH", key, text));
      await ask("PEXPIRE", key, "300000");
    },
    async unread(_: unknown, id: string): Promise<string[]> {
      const kept = ["queue", "dead"].map((kind) =>
        ask("LRANGE", `${keyPrefix}:${kind}:${id}`, "0", "-1"),
      );
      return (await Promise.all(kept)).flatMap((texts) => (texts as unknown[]).map(String));
    },
  };
}

export const askShared: Ask = (...command) => {
  const { hostname, port } = new URL(inject("redisUrl"));
  return askRedis({ host: hostname, port: Number(port) }, ...command);
};
