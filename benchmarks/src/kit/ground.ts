import { startRedis, startTcpProxy } from "@streambed/test-kit";
import type { RedisServer, TcpProxy } from "@streambed/test-kit";
import { Redis } from "ioredis";

/** What a scenario stands on. All that is opened here is closed with it. */
export interface Ground extends AsyncDisposable {
  redis: RedisServer;
  /** A connected ioredis client as people make it. */
  connect(url?: string): Promise<Redis>;
  /** Counts the requests of the clients that connect through it. */
  proxy(): Promise<TcpProxy>;
  /** Ties something else to the end of the scenario. */
  use<T extends AsyncDisposable>(resource: T): T;
}

export async function openGround(): Promise<Ground> {
  await using opening = new AsyncDisposableStack();
  const redis = opening.use(await startRedis());
  const stack = opening.move();
  return {
    redis,
    async connect(url = redis.url) {
      const client = new Redis(url, { lazyConnect: true });
      stack.defer(() => client.disconnect());
      await client.connect();
      return client;
    },
    async proxy() {
      return stack.use(await startTcpProxy({ host: redis.host, port: redis.port }));
    },
    use: (resource) => stack.use(resource),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Requests that came through, all commands together. */
export function requestsOf({ counts }: TcpProxy): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
