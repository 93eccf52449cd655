import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { cpus, loadavg, platform, release, totalmem } from "node:os";
import { promisify } from "node:util";
import { redisBinary } from "@streambed/test-kit";

/** Where and with what figures were measured, a line each. To be called before anything runs. */
export async function describeMachine(): Promise<string[]> {
  const cores = cpus();
  const gib = Math.round(totalmem() / 2 ** 30);
  const load = loadavg().map((value) => value.toFixed(2));
  return [
    `${cores[0]?.model ?? "unknown CPU"}, ${cores.length} cores, ${gib} GiB, ${platform()} ${release()}`,
    `Node ${process.versions.node}, Redis ${(await redisBinary()).version}, ioredis ${await versionOf("ioredis")}, commit ${await commit()}`,
    `load average before: ${load.join(", ")}`,
  ];
}

/** Whether other programs keep this machine too busy for what is measured to mean much. */
export function isBusy(): boolean {
  return loadavg()[0]! > cpus().length / 2;
}

async function versionOf(library: string): Promise<string> {
  const path = new URL(`../../node_modules/${library}/package.json`, import.meta.url);
  return (JSON.parse(await readFile(path, "utf8")) as { version: string }).version;
}

async function commit(): Promise<string> {
  const git = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)("git", args, { cwd: import.meta.dirname })).stdout.trim();
  try {
    const changed = await git("status", "--porcelain", "--", "../../../packages");
    return `${await git("rev-parse", "--short", "HEAD")}${changed === "" ? "" : " with changes"}`;
  } catch {
    return "unknown";
  }
}
