import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort, spawnNode } from "@streambed/test-kit";
import type { NodeProcess } from "@streambed/test-kit";

const EXAMPLE = fileURLToPath(new URL("../..", import.meta.url));
const require = createRequire(import.meta.url);

/** The example as `vite build` makes it, in a folder of its own. */
export class ProductionApp {
  readonly #folder: string;
  /** Each has its own database, and keeps it when it is started again. */
  readonly #runs = new Map<number, NodeProcess>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async build(): Promise<ProductionApp> {
    // Where the libraries of the example are found.
    await mkdir(join(EXAMPLE, ".cache"), { recursive: true });
    const app = new ProductionApp(await mkdtemp(join(EXAMPLE, ".cache/app-")));
    for (const part of ["src", "package.json", "tsconfig.json", "vite.config.ts"]) {
      await cp(join(EXAMPLE, part), join(app.#folder, part), { recursive: true });
    }
    await app.#run("vite/package.json", "bin/vite.js", "build");
    return app;
  }

  /** Throws what is wrong with the types, in `.svelte` files too. */
  async checkTypes(): Promise<void> {
    await this.#run("svelte-check/package.json", "bin/svelte-check", "--fail-on-warnings");
  }

  async #run(manifest: string, bin: string, ...args: string[]): Promise<void> {
    const file = join(dirname(require.resolve(manifest)), bin);
    await using run = await spawnNode(file, { cwd: this.#folder, args, env: CLEAN });
    const { code } = await run.exited;
    if (code !== 0) throw new Error([...run.stdout, ...run.stderr].join("\n"));
  }

  /** @param port one that ran before, to start that again */
  async start(port?: number): Promise<{ port: number; server: NodeProcess }> {
    const at = port ?? (await freePort());
    const server = await spawnNode(join(this.#folder, "build/index.js"), {
      cwd: this.#folder,
      env: {
        ...CLEAN,
        PORT: String(at),
        HOST: "127.0.0.1",
        DATABASE_FILE: join(this.#folder, `${at}.db`),
        LEASE_MS: "1500",
      },
    });
    this.#runs.set(at, server);
    await server.waitForLine(/Listening/, 30_000);
    return { port: at, server };
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#runs.values(), (server) => server.kill()));
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Of a test run, and of whoever runs it. */
const CLEAN = {
  NODE_ENV: undefined,
  VITEST: undefined,
  REDIS_URL: undefined,
  OPENAI_API_KEY: undefined,
};
