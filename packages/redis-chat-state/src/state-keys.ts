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

/** Every key that this package touches is made here, or in `receipt-key.ts`. */
export function stateKeys(prefix: string): StateKeys {
  return {
    subscriptions: `${prefix}:subscriptions`,
    lock: (id) => `${prefix}:lock:${id}`,
    cache: (key) => `${prefix}:cache:${key}`,
    list: (key) => `${prefix}:list:${key}`,
    queue: (id) => `${prefix}:queue:${id}`,
    dead: (id) => `${prefix}:dead:${id}`,
  };
}
