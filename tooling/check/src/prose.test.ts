import { expect, test } from "vitest";
import { fixture, manifest } from "./fixture.ts";
import { checkProse } from "./prose.ts";

const entries = { ".": "./src/index.ts", "./kit": "./src/kit/index.ts" };
const workspace = {
  "package.json": { scripts: { test: "…", "test:unit": "…" } },
  "packages/memory/package.json": manifest("memory", { scripts: { own: "…" }, exports: entries }),
  "packages/memory/src/index.ts": "",
  "docs/guide/index.md": "# Guide\n\n## Cursors & `seqs`, twice\n",
  "PROTOCOL.md": "# Protocol\n",
};

const check = (markdown: string, file = "README.md") =>
  checkProse(fixture({ ...workspace, [file]: markdown })).map(({ message }) => message);

test("what is there may be named", () => {
  const page = [
    "[protocol](PROTOCOL.md#protocol), [guide](./docs/guide/index.md#cursors--seqs-twice), [top](#end)",
    "[elsewhere](https://example.com/docs/none.md)",
    "`packages/memory/src/index.ts`, `packages/memory/src/index.ts:12`, `packages/*/src`, `docs/`, `PROTOCOL.md`",
    "`packages/<name>/src`, `packages/X/test`, `docs/…`, `test/issue-NN-slug.test.ts`, `examples/a/.data/x.db`",
    "`@streambed/memory`, `@streambed/memory/kit`, `pnpm test`, `npx -y pnpm@12 test:unit`, `pnpm add x`",
    "`pnpm --filter @streambed/memory own`",
    "```sh",
    "npx -y pnpm@12 install && node packages/memory/src/index.ts",
    "```",
    "```text",
    "packages/nothing/here.ts",
    "```",
    "# End",
  ];
  expect(check(page.join("\n"))).toEqual([]);
});

test.each([
  ["[gone](docs/gone.md)", "the link docs/gone.md leads nowhere"],
  ["[gone]: docs/gone.md", "the link docs/gone.md leads nowhere"],
  ["[x](PROTOCOL.md#gone)", "the link PROTOCOL.md#gone: PROTOCOL.md has no such heading"],
  ["see `packages/memory/src/gone.ts`.", "packages/memory/src/gone.ts does not exist"],
  ["`node examples/gone/main.ts`", "examples/gone/main.ts does not exist"],
  ["`GONE.md`", "GONE.md does not exist"],
  ["```sh\nnode packages/gone.ts\n```", "packages/gone.ts does not exist"],
  ["install @streambed/gone", "there is no package @streambed/gone"],
  ['```ts\nimport "@streambed/memory/gone";\n```', "@streambed/memory/gone is not exported"],
  ["run `pnpm gone`", "there is no script gone"],
  ["`npx -y pnpm@12 run test:gone`", "there is no script test:gone"],
  ["`pnpm --filter @streambed/memory test`", "there is no script test"],
])("%s", (markdown, message) => {
  expect(check(markdown)).toEqual([message]);
});

test("a package's page speaks from its own folder", () => {
  const file = "packages/memory/README.md";
  expect(check("`src/index.ts`, `pnpm own`, `src/routes/+server.ts`", file)).toEqual([]);
  expect(check("`src/gone.ts`", file)).toEqual(["src/gone.ts does not exist"]);
});

test("the line is that of the page", () => {
  const root = fixture({ ...workspace, "README.md": "one\n\n```sh\npnpm test\npnpm gone\n```\n" });
  expect(checkProse(root)).toMatchObject([{ file: "README.md", line: 5 }]);
});
