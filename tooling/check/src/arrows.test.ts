import { expect, test } from "vitest";
import { checkArrows } from "./arrows.ts";
import { fixture, manifest } from "./fixture.ts";

const neutral = { compilerOptions: { types: [] }, references: [{ path: "../core" }] };
const onCore = { dependencies: { "@streambed/core": "workspace:^" } };

/** A workspace of core and one more package, with a bad or a good index. */
function workspace(name: string, index: string, more: Record<string, unknown> = {}): string {
  return fixture({
    "tsconfig.json": { references: [{ path: "packages/core" }, { path: `packages/${name}` }] },
    "packages/core/package.json": manifest("core"),
    "packages/core/tsconfig.json": { compilerOptions: { types: [] }, references: [] },
    "packages/core/src/index.ts": "export {};",
    [`packages/${name}/package.json`]: manifest(name, onCore),
    [`packages/${name}/tsconfig.json`]: neutral,
    [`packages/${name}/src/index.ts`]: index,
    ...more,
  });
}

const messages = (root: string) => checkArrows(root).map(({ message }) => message);

test("a store may import the contracts and the store kit", () => {
  const index =
    'import { unref } from "@streambed/core/store-kit";\nexport * from "@streambed/core/contracts";';
  expect(checkArrows(workspace("memory", index))).toEqual([]);
});

test.each([
  ["the engine", 'import { createDurableStream } from "@streambed/core";'],
  ["the codec", 'export { encodeSse } from "@streambed/core/codec";'],
  ["a framework", 'import type { Context } from "hono";'],
  ["a framework's type", 'export type C = import("hono").Context;'],
  ["a framework, lazily", 'export const hono = () => import("hono/tiny");'],
  ["another store", 'import "@streambed/sqlite";'],
  ["the test kit", 'import "@streambed/test-kit";'],
  ["Node, in a neutral package", 'import { join } from "node:path";'],
  ["a Redis library", 'import type { Redis } from "ioredis";'],
  ["a Redis library under a scope", 'import type { Redis } from "@upstash/redis";'],
  ["itself by name", 'export * from "@streambed/memory";'],
  ["what lies outside of its src", 'export * from "../test/help.ts";'],
])("a store may not import %s", (_, index) => {
  const root = workspace("memory", `import "@streambed/core/contracts";\n${index}\n`);
  const [problem] = checkArrows(root);
  expect(problem).toMatchObject({ file: "packages/memory/src/index.ts", line: 2 });
});

test("glue may not import a store, the client may not import the engine", () => {
  expect(messages(workspace("hono", 'import "@streambed/memory";'))).toContain(
    "hono may not import @streambed/memory",
  );
  expect(messages(workspace("client", 'import "@streambed/core";'))).toContain(
    "client may not import @streambed/core",
  );
});

test("node: needs the types of Node in the tsconfig", () => {
  const index = 'import "@streambed/core/contracts";\nimport "node:sqlite";';
  const tsconfig = { ...neutral, compilerOptions: { types: ["node"] } };
  const root = workspace("sqlite", index, { "packages/sqlite/tsconfig.json": tsconfig });
  expect(checkArrows(root)).toEqual([]);
});

test("the layers of core point one way", () => {
  const root = workspace("memory", 'import "@streambed/core/contracts";', {
    "packages/core/src/contracts/a.ts": 'import "../codec/b.ts";',
    "packages/core/src/codec/b.ts": 'import "../contracts/a.ts";',
    "packages/core/src/engine/c.ts": 'import "../codec/b.ts";\nimport "../store-kit/d.ts";',
    "packages/core/src/store-kit/d.ts": 'import "../codec/b.ts";',
    "packages/core/src/attic/e.ts": "export {};",
  });
  expect(messages(root)).toEqual([
    "core/attic has no row in tooling/check/src/arrow-table.ts",
    "core/contracts may not import core/codec (../codec/b.ts)",
    "core/store-kit may not import core/codec (../codec/b.ts)",
  ]);
});

test("a package that is not in the table is refused", () => {
  expect(messages(workspace("novelty", 'import "@streambed/core/contracts";'))).toContain(
    "novelty has no row in tooling/check/src/arrow-table.ts",
  );
});

test("manifest and tsconfigs say the same as the imports", () => {
  const root = workspace("memory", 'import "@streambed/core/contracts";', {
    "tsconfig.json": { references: [{ path: "packages/core" }] },
    "packages/memory/package.json": manifest("memory", { dependencies: { hono: "4.0.0" } }),
    "packages/memory/tsconfig.json": {
      compilerOptions: { types: [] },
      references: [{ path: "../sqlite" }],
    },
  });
  expect(messages(root)).toEqual([
    "@streambed/core is imported, but no dependency or peer dependency",
    "hono is declared, but src does not import it",
    'references lack { "path": "../core" }, which src imports',
    "references name ../sqlite, which src does not import",
    "references lack packages/memory",
  ]);
});

test("tests may import what they like by name, but no other package's files", () => {
  const root = workspace("memory", 'import "@streambed/core/contracts";', {
    "packages/memory/src/a.test.ts": 'import "hono";\nimport "ioredis";\nimport "node:fs";',
    "packages/memory/test/b.test.ts": 'import "../../core/src/index.ts";',
  });
  expect(checkArrows(root)).toEqual([
    {
      file: "packages/memory/test/b.test.ts",
      line: 1,
      message: "../../core/src/index.ts leads into another package: import it by name",
    },
  ]);
});

test("half-written folders do not stop the check", () => {
  const root = fixture({
    "packages/memory/src/index.ts": 'import { from "',
    "packages/sqlite/package.json": "{ half",
    "packages/redis/README.md": "",
  });
  expect(messages(root)).toEqual([
    "references lack packages/memory",
    "references lack packages/redis",
    "references lack packages/sqlite",
  ]);
});
