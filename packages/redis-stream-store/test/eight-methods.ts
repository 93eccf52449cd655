import type { EightMethodClient } from "@streambed/redis-driver";

/** Nothing but the eight methods of a client: what an unknown client can do. */
export function toEightMethods(client: EightMethodClient): EightMethodClient {
  return {
    get: (key) => client.get(key),
    set: (key, value, mode, seconds) => client.set(key, value, mode, seconds),
    exists: (...keys) => client.exists(...keys),
    rpush: (key, ...values) => client.rpush(key, ...values),
    lrange: (key, start, stop) => client.lrange(key, start, stop),
    llen: (key) => client.llen(key),
    expire: (key, seconds) => client.expire(key, seconds),
    del: (...keys) => client.del(...keys),
  };
}
