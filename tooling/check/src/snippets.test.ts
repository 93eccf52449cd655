import { expect, test } from "vitest";
import { fixture, manifest, withTools } from "./fixture.ts";
import { checkSnippets } from "./snippets.ts";

const workspace = {
  "tsconfig.base.json": {
    compilerOptions: { target: "ES2023", module: "NodeNext", strict: true, skipLibCheck: true },
  },
  "packages/memory/package.json": manifest("memory"),
  "packages/memory/src/index.ts": "export const answer: number = 42;\n",
};

const check = (lines: string[]) =>
  checkSnippets(withTools(fixture({ ...workspace, "README.md": lines.join("\n") })));

test("snippets compile against the workspace, and errors are told at their line", async () => {
  const problems = await check([
    "```ts",
    'import { answer } from "@streambed/memory";',
    "// ...",
    "export const good: number = answer;",
    "```",
    "",
    "```ts",
    'import { answer } from "@streambed/memory";',
    "export const bad: string = answer;",
    "```",
    "",
    "```js",
    "no TypeScript at all",
    "```",
  ]);
  expect(problems).toEqual([
    {
      file: "README.md",
      line: 9,
      message: "TS2322: Type 'number' is not assignable to type 'string'.",
    },
  ]);
});

test("a snippet may continue the one before it, and be given what readers have", async () => {
  const problems = await check([
    "<!-- given: declare const model: { name: string }; -->",
    "",
    "```ts",
    "const name = model.name;",
    "```",
    "",
    "```ts continued",
    "console.log(name.length);",
    "console.log(name.size);",
    "```",
    "",
    "```ts",
    "console.log(name2);",
    "```",
  ]);
  expect(problems.map(({ line, message }) => `${line} ${message.slice(0, 6)}`)).toEqual([
    "9 TS2339",
    "13 TS2552",
  ]);
});
