import { askRedis, pollUntil } from "./ask-redis.ts";
import { freePorts } from "./free-port.ts";
import type { RedisFlavour } from "./redis-binary.ts";
import { openRedisHost, type RedisNodeOptions } from "./redis-host.ts";
import type { Address } from "./resp-connection.ts";
import { type RedisServer, retryTakenPorts, startNode, toServer } from "./start-redis.ts";

export interface StartSentinelOptions {
  /** 1 to 3. @default 1 */
  sentinels?: number;
  /** @default 1 */
  replicas?: number;
  /** After how long without an answer the master counts as down. @default 1000 */
  downAfterMs?: number;
  /** @default "redis" */
  flavour?: RedisFlavour;
}

/** A master, its replicas and the sentinels that watch them. `await using` stops them all. */
export interface RedisSentinel extends AsyncDisposable {
  /** What to ask the sentinels for. */
  masterName: string;
  /** The server that started as master. */
  master: RedisServer;
  replicas: RedisServer[];
  sentinels: RedisServer[];
  /** Whom all sentinels that answer hold to be master now. Rejects while they disagree, as they do during a failover. */
  currentMaster(): Promise<Address>;
  stop(): Promise<void>;
}

const MASTER_NAME = "mymaster";
const READY_TIMEOUT_MS = 30_000;

/** Starts the servers, and the sentinels once replication runs; waits until each sentinel knows everybody. */
export function startSentinel(options: StartSentinelOptions = {}): Promise<RedisSentinel> {
  return retryTakenPorts(() => trySentinel(options));
}

async function trySentinel(options: StartSentinelOptions): Promise<RedisSentinel> {
  const {
    sentinels: sentinelCount = 1,
    replicas: replicaCount = 1,
    downAfterMs = 1_000,
    flavour = "redis",
  } = options;
  const ports = await freePorts(1 + replicaCount + sentinelCount);
  const host = await openRedisHost(flavour, ports);
  const stop = (): Promise<void> => host.close();
  const start = async (node: RedisNodeOptions): Promise<RedisServer> =>
    toServer(await startNode(host, node), node.port, stop);
  const startAll = (
    from: number,
    count: number,
    node: Omit<RedisNodeOptions, "port">,
  ): Promise<RedisServer[]> =>
    Promise.all(ports.slice(from, from + count).map((port) => start({ ...node, port })));
  try {
    const master = await start({ port: ports[0] ?? 0, config: "repl-diskless-sync-delay 0" });
    const replicas = await startAll(1, replicaCount, {
      config: `replicaof 127.0.0.1 ${master.port}\nrepl-diskless-sync-delay 0`,
    });
    await pollUntil("every replica follows the master", READY_TIMEOUT_MS, async () => {
      const infos = await Promise.all(
        replicas.map(async (node) => String(await askRedis(node, "INFO", "replication"))),
      );
      return infos.every((info) => info.includes("master_link_status:up"));
    });
    const config = [
      `sentinel monitor ${MASTER_NAME} 127.0.0.1 ${master.port} ${Math.floor(sentinelCount / 2) + 1}`,
      `sentinel down-after-milliseconds ${MASTER_NAME} ${downAfterMs}`,
      `sentinel failover-timeout ${MASTER_NAME} 5000`,
    ].join("\n");
    const sentinels = await startAll(1 + replicaCount, sentinelCount, {
      config,
      args: ["--sentinel"],
    });
    await pollUntil(
      "every sentinel knows the replicas and the other sentinels",
      READY_TIMEOUT_MS,
      async () => {
        const views = await Promise.all(sentinels.map(masterView));
        return views.every(
          (view) =>
            view.get("num-slaves") === String(replicaCount) &&
            view.get("num-other-sentinels") === String(sentinelCount - 1),
        );
      },
    );
    const currentMaster = (): Promise<Address> => agreedMaster(sentinels);
    return {
      masterName: MASTER_NAME,
      master,
      replicas,
      sentinels,
      currentMaster,
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function agreedMaster(sentinels: RedisServer[]): Promise<Address> {
  const outcomes = await Promise.allSettled(sentinels.map(askForMaster));
  const answers = outcomes.flatMap((outcome) =>
    outcome.status === "fulfilled" ? [outcome.value] : [],
  );
  const [first, ...others] = answers;
  if (!first || others.some(({ port }) => port !== first.port)) {
    throw new Error(`The sentinels name no one master: ${JSON.stringify(answers)}.`);
  }
  return first;
}

async function askForMaster(sentinel: RedisServer): Promise<Address> {
  const reply = await askRedis(sentinel, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER_NAME);
  const [host = "", port] = (reply as Buffer[]).map(String);
  return { host, port: Number(port) };
}

/** What a sentinel says of its master, by field. */
async function masterView(sentinel: RedisServer): Promise<Map<string, string>> {
  const fields = ((await askRedis(sentinel, "SENTINEL", "MASTER", MASTER_NAME)) as Buffer[]).map(
    String,
  );
  return new Map(fields.flatMap((field, i) => (i % 2 === 0 ? [[field, fields[i + 1] ?? ""]] : [])));
}
