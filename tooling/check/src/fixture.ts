import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { Manifest } from "./workspace.ts";

/** A repository in a temporary folder, for the test that calls it. What is no string is written as JSON. */
export function fixture(files: Record<string, unknown>): string {
  const root = mkdtempSync(join(tmpdir(), "streambed-check-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const workspace = "packages:\n  - packages/*\n  - examples/*\n  - tooling/*\n";
  const all = { "pnpm-workspace.yaml": workspace, "tsconfig.json": { references: [] }, ...files };
  for (const [path, content] of Object.entries(all)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    const text = typeof content === "string" ? content : JSON.stringify(content, null, 2);
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** Gives a fixture the tools that this repository has installed. */
export function withTools(root: string): string {
  const own = fileURLToPath(new URL("../../../node_modules", import.meta.url));
  symlinkSync(own, join(root, "node_modules"), "dir");
  return root;
}

/** A package.json that nothing is wrong with, but for what `changes` says. */
export function manifest(name: string, changes: Manifest = {}): Manifest {
  return {
    name: `@streambed/${name}`,
    version: "0.0.0",
    description: "For a test.",
    license: "MIT",
    type: "module",
    sideEffects: false,
    repository: {
      type: "git",
      url: "git+https://example.com/x.git",
      directory: `packages/${name}`,
    },
    engines: { node: ">=20" },
    files: ["dist", "!dist/.tsbuildinfo", "src", "!src/**/*.test.ts", "!src/**/*.test-d.ts"],
    exports: { ".": "./src/index.ts" },
    publishConfig: {
      access: "public",
      exports: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" } },
    },
    ...changes,
  };
}
