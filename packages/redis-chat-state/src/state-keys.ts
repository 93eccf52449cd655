import { ChatStateError } from "./chat-state-error.ts";

/** The keys that this adapter shares with those of the Chat SDK, in TypeScript and Python. Ids go in as they are. */
export interface StateKeys {
  /** Set of thread ids, without a TTL. */
  subscriptions: string;
  lock(id: string): string;
  cache(key: string): string;
  list(key: string): string;
  queue(id: string): string;
  /** Ours alone. List: entries of a queue that cannot be read. */
  dead(id: string): string;
}

/** Every key that this package touches is made here, or in `receipt-key.ts`. @throws ChatStateError `INVALID_VALUE` */
export function stateKeys(prefix: string): StateKeys {
  const at = (place: string, name: string, id: string): string => {
    assertText(name, id);
    return `${prefix}:${place}:${id}`;
  };
  return {
    subscriptions: `${prefix}:subscriptions`,
    lock: (id) => at("lock", "threadId", id),
    cache: (key) => at("cache", "key", key),
    list: (key) => at("list", "key", key),
    queue: (id) => at("queue", "threadId", id),
    dead: (id) => at("dead", "threadId", id),
  };
}

/** `undefined` would make a key that many share. @throws ChatStateError `INVALID_VALUE` */
export function assertText(name: string, value: unknown): asserts value is string {
  if (typeof value === "string") return;
  throw new ChatStateError("INVALID_VALUE", `${name} must be a string`);
}
