import { existsSync } from "node:fs";
import { join } from "node:path";
import { hasApt, libraryEnv, unpackDebianPackages, unpackedFolder } from "./debian-packages.ts";
import { findOnPath } from "./find-on-path.ts";
import { runCommand } from "./run-command.ts";

/** A Python that can `import redis`. */
export interface Python {
  program: string;
  /** To add to the environment. */
  env: Record<string, string>;
}

const RECIPE = { name: "python-redis", packages: ["python3-redis"] };

/**
 * This machine's Python with its own redis module, else with the distribution's, fetched once into a cache folder;
 * where there is no Python, that comes along. Otherwise throws an error that names the ways to help.
 */
export async function pythonWithRedis(): Promise<Python> {
  const found =
    (await firstThatWorks(pythonsOf(undefined), {})) ??
    (await fromDebian(unpackedFolder(RECIPE.name)));
  if (found) return found;
  const fetched = hasApt()
    ? await unpackDebianPackages(RECIPE).then(fromDebian, (error: unknown) => String(error))
    : "there is no apt-get here";
  if (typeof fetched === "object") return fetched;
  throw new Error(
    [
      "These tests need a Python 3 with its redis module. Any one of these helps:",
      "- put a python3 on PATH that has it (pip install redis)",
      "- on Debian or Ubuntu: give apt-get a way to its mirrors; the packages are then fetched without installing them",
      `What went wrong: ${fetched ?? "no python3 could import what was fetched"}`,
    ].join("\n"),
  );
}

function fromDebian(root: string): Promise<Python | undefined> {
  if (!existsSync(root)) return Promise.resolve(undefined);
  const modules = join(root, "usr/lib/python3/dist-packages");
  return firstThatWorks(pythonsOf(root), { ...libraryEnv(root), PYTHONPATH: modules });
}

/** The one that the packages were made for first. */
function pythonsOf(root: string | undefined): string[] {
  const unpacked = root === undefined ? [] : [join(root, "usr/bin/python3")];
  const onPath = findOnPath("python3");
  return [...unpacked, "/usr/bin/python3", ...(onPath === undefined ? [] : [onPath])];
}

async function firstThatWorks(
  programs: readonly string[],
  env: Record<string, string>,
): Promise<Python | undefined> {
  for (const program of programs.filter((path) => existsSync(path))) {
    const { code } = await runCommand(program, ["-c", "import redis"], { env, timeoutMs: 10_000 });
    if (code === 0) return { program, env };
  }
  return undefined;
}
