import { globSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { complaint, ROOT, run, type RunResult } from "../repository.ts";

export interface Manifest {
  name: string;
  engines?: { node?: string };
  exports?: Record<string, { types: string; default: string }>;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

/** A tarball, and where it was unpacked. */
export interface Packed {
  /** The folder below packages/. */
  name: string;
  tarball: string;
  folder: string;
  manifest: Manifest;
}

/** From nothing: a file that src no longer has must not be packed. */
export async function buildPackages(): Promise<string[]> {
  for (const dist of globSync("packages/*/dist", { cwd: ROOT })) {
    rmSync(join(ROOT, dist), { recursive: true });
  }
  return complaint(await pnpm(["run", "build"]));
}

export async function packPackages(
  work: string,
): Promise<{ result: RunResult; packages: Packed[] }> {
  const tarballs = join(work, "tarballs");
  const filter = ["--recursive", "--filter", "./packages/*"];
  const result = await pnpm([...filter, "pack", "--pack-destination", tarballs]);
  if (result.code !== 0) return { result, packages: [] };
  const packages: Packed[] = [];
  for (const file of readdirSync(tarballs).toSorted()) {
    const unpacked = join(work, "unpacked", basename(file, ".tgz"));
    mkdirSync(unpacked, { recursive: true });
    const tarball = join(tarballs, file);
    const untar = await run("tar", ["-xzf", tarball, "-C", unpacked]);
    if (untar.code !== 0) return { result: untar, packages: [] };
    const folder = join(unpacked, "package");
    const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
    packages.push({ name: basename(manifest.name), tarball, folder, manifest });
  }
  const expected = globSync("packages/*/package.json", { cwd: ROOT }).length;
  const output = `${packages.length} tarballs of ${expected} packages`;
  return { result: packages.length === expected ? result : { code: 1, output }, packages };
}

/** The pnpm that started this run, else the one that the README names. */
function pnpm(args: string[]): Promise<RunResult> {
  return run("npx", ["-y", "pnpm@12", ...args]);
}

/** What belongs in a tarball is in it, and nothing else. */
export function checkTarball({ folder, manifest }: Packed): string[] {
  const all = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const files = all.map((path) => path.replaceAll("\\", "/"));
  const strays = files.filter((path) =>
    /\.(test|test-d|bench)\.|\.tsbuildinfo$|(^|\/)(test|fixtures|node_modules)\//.test(path),
  );
  const missing = ["LICENSE", "README.md"].filter((path) => !files.includes(path));
  const targets = Object.values(manifest.exports ?? {}).flatMap((entry) => Object.values(entry));
  const unbuilt = targets.filter((path) => !files.includes(path.replace("./", "")));
  const local = Object.entries(manifest.dependencies ?? {}).filter(([, range]) =>
    /^(workspace|file|link|npm):/.test(range),
  );
  return [
    ...strays.map((path) => `${path} is not for users`),
    ...missing.map((path) => `${path} is missing`),
    ...unbuilt.map((path) => `exports name ${path}, which is not there`),
    ...local.map(([name, range]) => `the dependency ${name} is ${range}`),
  ];
}
