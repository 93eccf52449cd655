import { hasDockerEngine, openDockerHost } from "./docker-host.ts";
import { openProcessHost } from "./process-host.ts";
import {
  binaryFromDebian,
  binaryOnPath,
  noServerError,
  type RedisFlavour,
} from "./redis-binary.ts";

/** One server to start. */
export interface RedisNodeOptions {
  port: number;
  /** A configuration file's text. Host, port and "keep nothing on disk" are set already. */
  config?: string;
  /** Further command-line arguments, after the configuration file. */
  args?: readonly string[];
}

/** One running server. */
export interface RedisNode {
  /** undefined where the server runs in a container. */
  pid: number | undefined;
  /** Whether the server has ended, by whatever cause. */
  hasExited(): boolean;
  /** The last lines of what it logged. */
  log(): Promise<string>;
  /** Ends it at once, as a crash would, and waits until it is gone. */
  kill(): Promise<void>;
}

/** A place where servers run that reach each other, and are reached, at 127.0.0.1. */
export interface RedisHost {
  start(options: RedisNodeOptions): Promise<RedisNode>;
  /** Ends all its servers and removes what they wrote. */
  close(): Promise<void>;
}

/** Servers from PATH, else in Docker, else from the distribution's packages. Never "none": then it throws. */
export async function openRedisHost(
  flavour: RedisFlavour,
  ports: readonly number[],
): Promise<RedisHost> {
  const onPath = await binaryOnPath(flavour);
  if (onPath) return openProcessHost(onPath);
  const reasons: string[] = [];
  const noteReason = (error: unknown): undefined => void reasons.push(String(error));
  const inDocker =
    (await hasDockerEngine()) && (await openDockerHost(flavour, ports).catch(noteReason));
  if (inDocker) return inDocker;
  const fromDebian = await binaryFromDebian(flavour).catch(noteReason);
  if (fromDebian) return openProcessHost(fromDebian);
  throw noServerError(flavour, reasons);
}
