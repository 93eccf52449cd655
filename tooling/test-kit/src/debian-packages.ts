import { randomUUID } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findOnPath } from "./find-on-path.ts";
import { runCommand } from "./run-command.ts";

const CACHE = fileURLToPath(new URL("../../../node_modules/.cache/streambed/", import.meta.url));
const HOUR_MS = 3_600_000;

export interface DebianPackages {
  /** Name of the folder in the cache. */
  name: string;
  packages: readonly string[];
  /** Look in the release's backports too. Ubuntu has these on already. */
  backports?: boolean;
}

/** Whether `unpackDebianPackages` can work here. */
export function hasApt(): boolean {
  return findOnPath("apt-get") !== undefined && findOnPath("dpkg") !== undefined;
}

/** Where `unpackDebianPackages` puts them. */
export function unpackedFolder(name: string): string {
  return join(CACHE, name);
}

/**
 * Downloads packages, with the dependencies that this system lacks, and unpacks them into a cache folder.
 * Changes nothing of the system, starts no service, needs neither root nor package lists.
 * @returns the folder, which appears whole or not at all
 */
export async function unpackDebianPackages({
  name,
  packages,
  backports,
}: DebianPackages): Promise<string> {
  mkdirSync(CACHE, { recursive: true });
  removeOldLeftovers();
  const work = join(CACHE, `.unfinished-${name}-${randomUUID()}`);
  try {
    const config = writeAptConfig(work, backports ?? false);
    const update = await runCommand("apt-get", ["-c", config, "-q", "update"]);
    // A third-party source may fail to update without harm; whether the packages are there is what counts.
    const flags = ["--yes", "--no-install-recommends", "--reinstall", "--download-only"];
    const download = await runCommand("apt-get", [
      "-c",
      config,
      "-q",
      "install",
      ...flags,
      ...packages,
    ]);
    if (download.code !== 0) throw new Error(lastLines(update.output + download.output));
    const archives = join(work, "cache/archives");
    for (const file of readdirSync(archives).filter((entry) => entry.endsWith(".deb"))) {
      const unpacked = await runCommand("dpkg", ["-x", join(archives, file), join(work, "root")]);
      if (unpacked.code !== 0) throw new Error(lastLines(unpacked.output));
    }
    return publish(join(work, "root"), unpackedFolder(name));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The environment in which a program of an unpacked folder finds its libraries. */
export function libraryEnv(root: string): Record<string, string> {
  const folders = ["usr/lib", "lib"].map((lib) => join(root, lib)).filter(existsSync);
  const libraries = folders.flatMap((lib) => [
    lib,
    ...readdirSync(lib).map((entry) => join(lib, entry)),
  ]);
  return { LD_LIBRARY_PATH: libraries.filter((path) => /-linux-|\/lib$/.test(path)).join(":") };
}

/** Package lists, archives and sources of our own; the system's sources, proxies and keys stay in force. */
function writeAptConfig(work: string, backports: boolean): string {
  for (const folder of ["lists/partial", "cache/archives/partial", "sources"])
    mkdirSync(join(work, folder), { recursive: true });
  const sources = join(work, "sources");
  if (existsSync("/etc/apt/sources.list"))
    cpSync("/etc/apt/sources.list", join(sources, "system.list"));
  if (existsSync("/etc/apt/sources.list.d"))
    cpSync("/etc/apt/sources.list.d", sources, { recursive: true });
  const release = readFileSync("/etc/os-release", "utf8");
  if (backports && /^ID=debian$/m.test(release)) {
    const codename = /^VERSION_CODENAME=(.+)$/m.exec(release)?.[1];
    const text = readdirSync(sources).map((file) => readFileSync(join(sources, file), "utf8"));
    const mirror =
      /https?:\/\/\S+\/debian\/?(?=\s)/.exec(text.join("\n"))?.[0] ??
      "http://deb.debian.org/debian";
    const key = "/usr/share/keyrings/debian-archive-keyring.gpg";
    writeFileSync(
      join(sources, "backports.list"),
      `deb [signed-by=${key}] ${mirror} ${codename}-backports main\n`,
    );
  }
  const config = join(work, "apt.conf");
  const lines = [
    `Dir::State::lists "${work}/lists";`,
    `Dir::Cache "${work}/cache";`,
    `Dir::Etc::sourcelist "/dev/null";`,
    `Dir::Etc::sourceparts "${sources}";`,
    `Debug::NoLocking "true";`,
    `APT::Sandbox::User "";`,
    ...["Update::Pre-Invoke", "Update::Post-Invoke", "Update::Post-Invoke-Success"].map(
      (hook) => `#clear APT::${hook};`,
    ),
  ];
  writeFileSync(config, `${lines.join("\n")}\n`);
  return config;
}

/** Of several runs at once the first wins; the others use what it made. */
function publish(made: string, target: string): string {
  try {
    renameSync(made, target);
  } catch (error) {
    if (!existsSync(target)) throw error;
  }
  return target;
}

/** What runs that were killed left behind. */
function removeOldLeftovers(): void {
  for (const entry of readdirSync(CACHE).filter((name) =>
    basename(name).startsWith(".unfinished-"),
  )) {
    const path = join(CACHE, entry);
    if (Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) > HOUR_MS)
      rmSync(path, { recursive: true, force: true });
  }
}

function lastLines(text: string): string {
  return text.trim().split("\n").slice(-8).join("\n");
}
