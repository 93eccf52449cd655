export { askRedis, pollUntil } from "./ask-redis.ts";
export { askUpstash } from "./ask-upstash.ts";
export { chromiumPath, launchChromium } from "./chromium.ts";
export { freePort, freePorts } from "./free-port.ts";
export { type Python, pythonWithRedis } from "./python-redis.ts";
export { redisBinary, type RedisBinary, type RedisFlavour, valkeyBinary } from "./redis-binary.ts";
export {
  type Address,
  encodeCommand,
  type RespArgument,
  RespConnection,
} from "./resp-connection.ts";
export { RespError, type RespValue } from "./resp-parser.ts";
export { type NodeExit, type NodeProcess, spawnNode, type SpawnNodeOptions } from "./spawn-node.ts";
export { type RedisCluster, startCluster, type StartClusterOptions } from "./start-cluster.ts";
export {
  type RedisServer,
  sharedRedis,
  startRedis,
  type StartRedisOptions,
} from "./start-redis.ts";
export { type RedisSentinel, startSentinel, type StartSentinelOptions } from "./start-sentinel.ts";
export { startTcpProxy, type TcpProxy, type TcpProxyOptions } from "./tcp-proxy.ts";
export {
  startUpstashEmulator,
  type UpstashEmulator,
  type UpstashEmulatorOptions,
} from "./upstash-emulator.ts";
export { type UpstashAccess, type UpstashTarget, upstashTargets } from "./upstash-targets.ts";
