import { expect, test } from "vitest";
import { fixture, manifest } from "./fixture.ts";
import { checkManifests } from "./manifests.ts";

const files = { "packages/memory/README.md": "# memory", "packages/memory/src/index.ts": "" };
const check = (changes: object, more: Record<string, unknown> = {}) =>
  checkManifests(
    fixture({ ...files, "packages/memory/package.json": manifest("memory", changes), ...more }),
  ).map(({ file, message }) => `${file}: ${message}`);
const place = "packages/memory/package.json";

test("a package with everything in place", () => {
  expect(check({})).toEqual([]);
});

test.each([
  [{ name: "memory" }, 'name is "memory", not "@streambed/memory"'],
  [{ version: undefined }, "version is missing"],
  [{ description: undefined }, "description is missing"],
  [{ engines: undefined }, "engines is missing"],
  [{ license: "ISC" }, 'license is "ISC", not "MIT"'],
  [{ type: "commonjs" }, 'type is "commonjs", not "module"'],
  [{ sideEffects: undefined }, "sideEffects is missing, not false"],
  [{ private: true }, "private is true, not missing"],
  [
    { files: ["dist", "!dist/.tsbuildinfo", "src", "!src/**/*.test-d.ts"] },
    'files lack "!src/**/*.test.ts"',
  ],
  [{ dependencies: { "@streambed/core": "^1.0.0" } }, "@streambed/core is ^1.0.0, not workspace:^"],
  [{ devDependencies: { hono: "^4.0.0" } }, "hono is not pinned exactly: ^4.0.0"],
])("%j", (changes, message) => {
  expect(check(changes)).toEqual([`${place}: ${message}`]);
});

test("exports and what is published of them agree", () => {
  const exports = { ".": "./src/index.ts", "./kit": "./src/kit.ts" };
  const published = { types: "./dist/index.d.ts", default: "./dist/index.js" };
  const publishConfig = { access: "public", exports: { ".": published, "./old": published } };
  expect(check({ exports, publishConfig })).toEqual([
    `${place}: ./src/kit.ts does not exist`,
    `${place}: publishConfig.exports["./kit"] is not {"types":"./dist/kit.d.ts","default":"./dist/kit.js"}`,
    `${place}: publishConfig.exports["./old"] is not in exports`,
  ]);
});

test("a range is for those who install the package, not for us", () => {
  expect(check({ peerDependencies: { hono: "^4.0.0" } })).toEqual([]);
});

test("examples are private and carry their folder's name", () => {
  const example = { name: "chat", dependencies: { "@streambed/memory": "workspace:^" } };
  expect(check({}, { "examples/hono-chat/package.json": example })).toEqual([
    "examples/hono-chat/package.json: private is not true",
    'examples/hono-chat/package.json: name is "chat", not "example-hono-chat"',
  ]);
});

test("a folder without a package.json", () => {
  const more = { "packages/next/src/index.ts": "", "tooling/scripts/a.ts": "" };
  expect(check({}, more)).toEqual(["packages/next/package.json: missing, or not JSON"]);
});
