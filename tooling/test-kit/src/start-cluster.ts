import { askRedis, pollUntil } from "./ask-redis.ts";
import { freePorts } from "./free-port.ts";
import type { RedisFlavour } from "./redis-binary.ts";
import { openRedisHost } from "./redis-host.ts";
import { type RedisServer, retryTakenPorts, startNode, toServer } from "./start-redis.ts";

export interface StartClusterOptions {
  /** @default 3 */
  masters?: number;
  /** @default 0 */
  replicasPerMaster?: number;
  /** After how long a node counts as gone. @default 2000 */
  nodeTimeoutMs?: number;
  /** Further command-line arguments for every node. */
  args?: readonly string[];
  /** @default "redis" */
  flavour?: RedisFlavour;
}

/** A running Redis Cluster. `await using` stops it. */
export interface RedisCluster extends AsyncDisposable {
  /** Those that started as masters, in the order of their slots. */
  masters: RedisServer[];
  /** Those that started as replicas: the first of each master, then the second of each. */
  replicas: RedisServer[];
  /** All nodes' URLs. */
  urls: string[];
  stop(): Promise<void>;
}

const SLOTS = 16_384;
const BUS_OFFSET = 10_000;
const READY_TIMEOUT_MS = 30_000;

/** Starts a cluster and waits until every node says that all is well, and knows every other. */
export function startCluster(options: StartClusterOptions = {}): Promise<RedisCluster> {
  return retryTakenPorts(() => tryCluster(options));
}

async function tryCluster(options: StartClusterOptions): Promise<RedisCluster> {
  const {
    masters = 3,
    replicasPerMaster = 0,
    nodeTimeoutMs = 2_000,
    args,
    flavour = "redis",
  } = options;
  const ports = await freePorts(masters * (1 + replicasPerMaster), [BUS_OFFSET]);
  const host = await openRedisHost(flavour, ports);
  const stop = (): Promise<void> => host.close();
  const config = [
    "cluster-enabled yes",
    "cluster-announce-ip 127.0.0.1",
    `cluster-node-timeout ${nodeTimeoutMs}`,
    "repl-diskless-sync-delay 0",
  ].join("\n");
  try {
    const nodes = await Promise.all(
      ports.map(async (port) =>
        toServer(await startNode(host, { port, config, args }), port, stop),
      ),
    );
    await form(nodes, masters);
    const urls = nodes.map((node) => node.url);
    return {
      masters: nodes.slice(0, masters),
      replicas: nodes.slice(masters),
      urls,
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Makes one cluster of empty nodes, the first `masters` of which share the slots. */
async function form(nodes: RedisServer[], masters: number): Promise<void> {
  await Promise.all(nodes.map((node, i) => askRedis(node, "CLUSTER", "SET-CONFIG-EPOCH", i + 1)));
  await Promise.all(
    nodes
      .slice(0, masters)
      .map((node, i) => askRedis(node, "CLUSTER", "ADDSLOTS", ...slotsOf(i, masters))),
  );
  for (const [i, node] of nodes.entries()) {
    for (const other of nodes.slice(i + 1))
      await askRedis(node, "CLUSTER", "MEET", other.host, other.port);
  }
  await pollUntil("every cluster node knows every other", READY_TIMEOUT_MS, () => allSee(nodes, 0));
  const ids = await Promise.all(
    nodes.map(async (node) => String(await askRedis(node, "CLUSTER", "MYID"))),
  );
  const replicas = nodes.slice(masters);
  await Promise.all(
    replicas.map((node, i) => askRedis(node, "CLUSTER", "REPLICATE", ids[i % masters] ?? "")),
  );
  await pollUntil("every cluster node is ready", READY_TIMEOUT_MS, async () => {
    const infos = await Promise.all(
      nodes.map(async (node) => String(await askRedis(node, "CLUSTER", "INFO"))),
    );
    const links = await Promise.all(
      replicas.map(async (node) => String(await askRedis(node, "INFO", "replication"))),
    );
    return (
      infos.every(
        (info) => info.includes("cluster_state:ok") && info.includes(`cluster_slots_ok:${SLOTS}`),
      ) &&
      links.every((info) => info.includes("master_link_status:up")) &&
      (await allSee(nodes, replicas.length))
    );
  });
}

function slotsOf(index: number, masters: number): number[] {
  const first = Math.ceil((SLOTS * index) / masters);
  const end = Math.ceil((SLOTS * (index + 1)) / masters);
  return Array.from({ length: end - first }, (_, i) => first + i);
}

/** Whether all nodes list all nodes, without a doubt about any, and agree how many are replicas. */
async function allSee(nodes: RedisServer[], replicas: number): Promise<boolean> {
  const lists = await Promise.all(
    nodes.map(async (node) => String(await askRedis(node, "CLUSTER", "NODES"))),
  );
  return lists.every((list) => {
    const flags = list
      .trim()
      .split("\n")
      .map((line) => line.split(" ")[2] ?? "");
    const sound = flags.every((flag) => !/handshake|fail|noaddr/.test(flag));
    return (
      sound &&
      flags.length === nodes.length &&
      flags.filter((flag) => flag.includes("slave")).length === replicas
    );
  });
}
