import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { RedisFlavour } from "./redis-binary.ts";
import type { RedisHost, RedisNode, RedisNodeOptions } from "./redis-host.ts";

const IMAGE: Record<RedisFlavour, string> = {
  redis: "redis:7-alpine",
  valkey: "valkey/valkey:8-alpine",
};
const SOCKETS = [
  "/var/run/docker.sock",
  join(process.env.XDG_RUNTIME_DIR ?? "/nowhere", "docker.sock"),
  join(homedir(), ".docker/run/docker.sock"),
  join(homedir(), ".docker/desktop/docker.sock"),
  join(homedir(), ".colima/default/docker.sock"),
];
const ENGINE_TIMEOUT_MS = 5_000;

type Container = import("testcontainers").StartedTestContainer;

let engine: Promise<boolean> | undefined;

/** Whether a Docker engine answers. The `docker` command alone says nothing: it is often there without an engine. */
export function hasDockerEngine(): Promise<boolean> {
  engine ??= askEngine();
  return engine;
}

async function askEngine(): Promise<boolean> {
  if (!process.env.DOCKER_HOST && !SOCKETS.some((path) => existsSync(path))) return false;
  const { getContainerRuntimeClient } = await import("testcontainers");
  const answer = getContainerRuntimeClient().then(
    () => true,
    () => false,
  );
  const { promise: timeout, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), ENGINE_TIMEOUT_MS);
  return Promise.race([answer, timeout]).finally(() => clearTimeout(timer));
}

/**
 * Runs servers in one container, so that they reach each other at 127.0.0.1.
 * Each of `ports` has the same number outside, so that the addresses which Cluster and Sentinel hand out hold there too.
 */
export async function openDockerHost(
  flavour: RedisFlavour,
  ports: readonly number[],
): Promise<RedisHost> {
  const { GenericContainer, Wait } = await import("testcontainers");
  const image = process.env.STREAMBED_REDIS_IMAGE ?? IMAGE[flavour];
  const exposed = ports.map((port) => ({ container: port, host: port }));
  const container = await new GenericContainer(image)
    .withEntrypoint(["sleep"])
    .withCommand(["86400"])
    .withExposedPorts(...exposed)
    .withWaitStrategy(Wait.forSuccessfulCommand("true"))
    .start();
  return {
    start: (options) => startInContainer(container, flavour, options),
    close: async () => void (await container.stop({ timeout: 0 })),
  };
}

async function startInContainer(
  container: Container,
  flavour: RedisFlavour,
  { port, config, args }: RedisNodeOptions,
): Promise<RedisNode> {
  const folder = `/tmp/${port}`;
  const text = `bind 0.0.0.0\nprotected-mode no\nport ${port}\nsave ""\nappendonly no\ndaemonize yes\npidfile ${folder}/pid\nlogfile ${folder}/log\n${config ?? ""}\n`;
  const script = `mkdir -p ${folder} && cd ${folder} && printf %s "$0" > redis.conf && exec ${flavour}-server ${folder}/redis.conf "$@"`;
  const started = await container.exec(["sh", "-c", script, text, ...(args ?? [])]);
  let exited = started.exitCode !== 0;
  return {
    pid: undefined,
    hasExited: () => exited,
    log: async () =>
      (await container.exec(["sh", "-c", `tail -n 40 ${folder}/log`])).output + started.output,
    async kill() {
      exited = true;
      await container.exec(["sh", "-c", `kill -9 "$(cat ${folder}/pid)" && rm ${folder}/pid`]);
    },
  };
}
