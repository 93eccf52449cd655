import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./free-port.ts";
import type { RedisFlavour } from "./redis-binary.ts";
import {
  openRedisHost,
  type RedisHost,
  type RedisNode,
  type RedisNodeOptions,
} from "./redis-host.ts";
import { RespConnection } from "./resp-connection.ts";

export interface StartRedisOptions {
  /** Further command-line arguments, such as `["--maxmemory", "10mb"]`. */
  args?: readonly string[];
  /** @default a free one */
  port?: number;
  /** @default "redis": any server that speaks its protocol */
  flavour?: RedisFlavour;
}

/** One running server. `await using` stops it too. */
export interface RedisServer extends AsyncDisposable {
  url: string;
  host: string;
  port: number;
  /** undefined where the server is not a process of this machine. */
  pid: number | undefined;
  /** The last lines of what it logged. */
  log(): Promise<string>;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
  /** Ends it and removes what it wrote. */
  stop(): Promise<void>;
}

const HOST = "127.0.0.1";
const READY_TIMEOUT_MS = 15_000;
const PORT_TRIES = 5;
const nothing = async (): Promise<void> => {};

/** Starts a Redis of one's own that keeps nothing on disk, and waits until it answers. */
export async function startRedis(options: StartRedisOptions = {}): Promise<RedisServer> {
  if (options.port === undefined)
    return retryTakenPorts(async () => startRedis({ ...options, port: await freePort() }));
  const { port, args, flavour = "redis" } = options;
  const host = await openRedisHost(flavour, [port]);
  try {
    return toServer(await startNode(host, { port, args }), port, () => host.close());
  } catch (error) {
    await host.close();
    throw error;
  }
}

/** Starts something on fresh ports again when another program was quicker to take one of them. */
export async function retryTakenPorts<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start();
    } catch (error) {
      const taken = /address already in use|port is already allocated/i.test(String(error));
      if (!taken || attempt === PORT_TRIES) throw error;
    }
  }
}

/** The server that REDIS_URL names, which `stop` leaves alone; else one of our own. */
export async function sharedRedis(): Promise<RedisServer> {
  const url = process.env.REDIS_URL;
  if (!url) return startRedis();
  const { hostname, port } = new URL(url);
  const given = {
    url,
    host: hostname,
    port: Number(port || 6379),
    pid: undefined,
    log: async () => "",
  };
  return { ...given, kill: nothing, stop: nothing, [Symbol.asyncDispose]: nothing };
}

/** Starts a server on a host and waits until it answers PING. */
export async function startNode(host: RedisHost, options: RedisNodeOptions): Promise<RedisNode> {
  const node = await host.start(options);
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (!(await answers(node, options.port))) {
    const ended = node.hasExited();
    if (ended || Date.now() > deadline) {
      const what = ended
        ? "ended before it answered"
        : `did not answer within ${READY_TIMEOUT_MS} ms`;
      throw new Error(
        `The Redis server on port ${options.port} ${what}. Its last words:\n${await node.log()}`,
      );
    }
    await sleep(20);
  }
  return node;
}

export function toServer(node: RedisNode, port: number, stop: () => Promise<void>): RedisServer {
  const { pid } = node;
  const address = { url: `redis://${HOST}:${port}`, host: HOST, port, pid };
  return {
    ...address,
    log: () => node.log(),
    kill: () => node.kill(),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Whether this very node answers, and not another server that has its port. */
async function answers(node: RedisNode, port: number): Promise<boolean> {
  try {
    await using connection = await RespConnection.open({ host: HOST, port });
    if ((await connection.text("PING")) !== "PONG") return false;
    return (
      node.pid === undefined ||
      (await connection.text("INFO", "server")).includes(`process_id:${node.pid}\r`)
    );
  } catch {
    return false;
  }
}
