import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  type DebianPackages,
  hasApt,
  libraryEnv,
  unpackDebianPackages,
  unpackedFolder,
} from "./debian-packages.ts";
import { findOnPath } from "./find-on-path.ts";
import { runCommand } from "./run-command.ts";

/** `redis` stands for any server that speaks its protocol; `valkey` for Valkey only. */
export type RedisFlavour = "redis" | "valkey";

/** A server program that runs here. */
export interface RedisBinary {
  server: string;
  /** The matching redis-cli or valkey-cli; not every installation has one. */
  cli: string | undefined;
  /** What the programs need in their environment. */
  env: Record<string, string>;
  /** Such as "7.0.15". */
  version: string;
}

const ON_PATH: Record<RedisFlavour, string[]> = {
  redis: ["redis-server", "valkey-server"],
  valkey: ["valkey-server"],
};
const FROM_DEBIAN: Record<RedisFlavour, DebianPackages> = {
  redis: { name: "redis", packages: ["redis-server", "redis-tools"] },
  valkey: { name: "valkey", packages: ["valkey-server", "valkey-tools"], backports: true },
};

/** The server from PATH, if there is one that runs. */
export async function binaryOnPath(flavour: RedisFlavour): Promise<RedisBinary | undefined> {
  const server = findOnPath(...ON_PATH[flavour]);
  return server === undefined
    ? undefined
    : verified(server, server.replace(/-server$/, "-cli"), {});
}

/** The server from the distribution's packages, fetched once into a cache folder; undefined where there is no apt. */
export async function binaryFromDebian(flavour: RedisFlavour): Promise<RedisBinary | undefined> {
  if (!hasApt()) return undefined;
  const recipe = FROM_DEBIAN[flavour];
  const cache = unpackedFolder(recipe.name);
  if (existsSync(cache)) {
    const cached = await unpackedBinary(cache, flavour);
    if (cached) return cached;
    rmSync(cache, { recursive: true, force: true });
  }
  return unpackedBinary(await unpackDebianPackages(recipe), flavour);
}

/** A server binary: from PATH, else from the distribution's packages. Throws an error that names the ways to help. */
export function redisBinary(): Promise<RedisBinary> {
  return anyBinary("redis");
}

/** Like `redisBinary`, but Valkey. */
export function valkeyBinary(): Promise<RedisBinary> {
  return anyBinary("valkey");
}

/** What to tell someone on whose machine no server could be had. */
export function noServerError(flavour: RedisFlavour, reasons: readonly string[]): Error {
  const lines = [
    `These tests need a real ${flavour === "valkey" ? "Valkey" : "Redis"}, and none could be found or fetched. Any one of these helps:`,
    ...(flavour === "redis"
      ? ["- set REDIS_URL to a server that may be written to (tests of one single server only)"]
      : []),
    `- put ${ON_PATH[flavour].join(" or ")} on PATH (apt-get install ${flavour}-server, brew install ${flavour})`,
    "- start Docker, or set DOCKER_HOST",
    "- on Debian or Ubuntu: give apt-get a way to its mirrors; the packages are then fetched without installing them",
    ...reasons.map((reason) => `What went wrong: ${reason}`),
  ];
  return new Error(lines.join("\n"));
}

async function anyBinary(flavour: RedisFlavour): Promise<RedisBinary> {
  const reasons: string[] = [];
  const noteReason = (error: unknown): undefined => void reasons.push(String(error));
  const found =
    (await binaryOnPath(flavour)) ?? (await binaryFromDebian(flavour).catch(noteReason));
  if (!found) throw noServerError(flavour, reasons);
  return found;
}

function unpackedBinary(root: string, flavour: RedisFlavour): Promise<RedisBinary | undefined> {
  const program = (name: string): string => join(root, "usr/bin", `${flavour}-${name}`);
  return verified(program("server"), program("cli"), libraryEnv(root));
}

/** Only a server that answers `--version` counts: a cache may outlive the libraries that it was made for. */
async function verified(
  server: string,
  cli: string,
  env: Record<string, string>,
): Promise<RedisBinary | undefined> {
  const { code, output } = await runCommand(server, ["--version"], { env, timeoutMs: 10_000 });
  const version = /\bv=(\d[\w.]*)/.exec(output)?.[1];
  return code === 0 && version
    ? { server, cli: existsSync(cli) ? cli : undefined, env, version }
    : undefined;
}
