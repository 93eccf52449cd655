import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

/** One folder of the pnpm workspace. Half-written ones have no manifest or no tsconfig. */
export interface Member {
  /** From the root of the repository, with forward slashes: `packages/core`. */
  folder: string;
  /** The last word of the folder. */
  name: string;
  manifest: Manifest | undefined;
  tsconfig: TsConfig | undefined;
}

export interface Manifest {
  name?: string;
  version?: string;
  description?: string;
  license?: string;
  private?: boolean;
  type?: string;
  sideEffects?: boolean;
  repository?: { type?: string; url?: string; directory?: string };
  engines?: { node?: string };
  files?: string[];
  exports?: Record<string, unknown>;
  publishConfig?: { access?: string; exports?: Record<string, unknown> };
  scripts?: Record<string, string>;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

export interface TsConfig {
  compilerOptions?: { types?: string[] };
  references?: { path: string }[];
}

/** Paths below `root` that match, sorted, with forward slashes; never of dependencies or builds. */
export function findFiles(root: string, pattern: string): string[] {
  const skipped = new Set(["node_modules", "dist", ".svelte-kit", ".next"]);
  const found = globSync(pattern, { cwd: root, exclude: (path) => skipped.has(basename(path)) });
  return found.map((path) => path.replaceAll("\\", "/")).toSorted();
}

export function readText(root: string, path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** The parsed file, or undefined where there is none or it is not JSON yet. */
export function readJson<T>(root: string, path: string): T | undefined {
  if (!existsSync(join(root, path))) return undefined;
  try {
    return JSON.parse(readText(root, path)) as T;
  } catch {
    return undefined;
  }
}

/** The folders that pnpm-workspace.yaml lists. */
export function readMembers(root: string): Member[] {
  const patterns = [...readText(root, "pnpm-workspace.yaml").matchAll(/^ {2}- (\S+)$/gm)];
  const folders = patterns.flatMap(([, pattern]) => findFiles(root, `${pattern}/`));
  return folders
    .map((folder) => folder.replace(/\/$/, ""))
    .filter((folder) => isMember(root, folder))
    .map((folder) => ({
      folder,
      name: basename(folder),
      manifest: readJson<Manifest>(root, `${folder}/package.json`),
      tsconfig: readJson<TsConfig>(root, `${folder}/tsconfig.json`),
    }));
}

/** As pnpm sees it, and what is on its way there: a package or an example without a package.json. */
function isMember(root: string, folder: string): boolean {
  if (existsSync(join(root, folder, "package.json"))) return true;
  return /^(packages|examples)\//.test(folder) && findFiles(root, `${folder}/*`).length > 0;
}

/** What is published: the members below packages/. */
export function readPackages(root: string): Member[] {
  return readMembers(root).filter((member) => member.folder.startsWith("packages/"));
}

/** The TypeScript sources that a package ships: no tests. */
export function sourcesOf(root: string, member: Member): string[] {
  const files = findFiles(root, `${member.folder}/src/**/*.ts`);
  return files.filter((file) => !/\.(test|test-d|bench)\.ts$/.test(file));
}
