import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort, spawnNode } from "@streambed/test-kit";
import type { NodeProcess } from "@streambed/test-kit";

const PACKAGE = fileURLToPath(new URL("../..", import.meta.url));
const VITE = join(
  dirname(createRequire(import.meta.url).resolve("vite/package.json")),
  "bin/vite.js",
);

/** A copy of the fixture, with a folder of its own for what SvelteKit makes of it. */
export interface FixtureApp extends AsyncDisposable {
  build(): Promise<void>;
  /** What `build` has made, with adapter-node. */
  start(env?: Record<string, string>): Promise<RunningApp>;
  startDev(): Promise<RunningApp>;
}

export interface RunningApp extends AsyncDisposable {
  url: string;
  process: NodeProcess;
}

export async function copyFixture(): Promise<FixtureApp> {
  // Where the libraries of this package are found.
  await mkdir(join(PACKAGE, ".cache"), { recursive: true });
  const cwd = await mkdtemp(join(PACKAGE, ".cache/app-"));
  await cp(join(PACKAGE, "test/fixture"), cwd, { recursive: true });
  await writeFile(join(cwd, "package.json"), '{ "private": true, "type": "module" }');
  await mkdir(join(cwd, "node_modules/@streambed"), { recursive: true });
  await symlink(PACKAGE, join(cwd, "node_modules/@streambed/sveltekit"), "dir");

  async function run(
    file: string,
    args: (port: string) => string[],
    given: Record<string, string> = {},
  ): Promise<RunningApp> {
    const port = String(await freePort());
    const env = { ...CLEAN, PORT: port, HOST: "127.0.0.1", ...given };
    const started = await spawnNode(file, { cwd, args: args(port), env });
    await started.waitForLine(new RegExp(`:${port}`), 30_000);
    return {
      url: `http://127.0.0.1:${port}`,
      process: started,
      [Symbol.asyncDispose]: () => started[Symbol.asyncDispose](),
    };
  }

  return {
    async build() {
      await using building = await spawnNode(VITE, { cwd, args: ["build"], env: CLEAN });
      const { code } = await building.exited;
      if (code !== 0) throw new Error([...building.stdout, ...building.stderr].join("\n"));
    },
    start: (env) => run(join(cwd, "build/index.js"), () => [], env),
    startDev: () =>
      run(VITE, (port) => ["dev", "--port", port, "--strictPort", "--logLevel", "info"]),
    [Symbol.asyncDispose]: () => rm(cwd, { recursive: true, force: true }),
  };
}

/** Without what a test run sets, which would make a development build of it, and without colours in what it says. */
const CLEAN = {
  NODE_ENV: undefined,
  VITEST: undefined,
  BODY_SIZE_LIMIT: undefined,
  FORCE_COLOR: undefined,
  NO_COLOR: "1",
};
