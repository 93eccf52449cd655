import type { Problem } from "./problem.ts";
import { findFiles, readText } from "./workspace.ts";

interface Limit {
  what: string;
  files: string;
  except?: RegExp;
  aim: number;
  stop: number;
}

/** Lines per file. Over the stop fails, over the aim is a note. A reasoned exception is a row of its own. */
const CODE = "{packages,tooling,examples}/*/{src,test}/**/*";
const LIMITS: Limit[] = [
  {
    what: "a source file",
    files: "{packages,tooling,examples}/*/src/**/*.{ts,tsx}",
    except: /\.(test|test-d|bench|generated)\.ts$|\/core\/src\/contracts\//,
    aim: 150,
    stop: 400,
  },
  // Contracts carry their promises as long JSDoc.
  { what: "a contract", files: "packages/core/src/contracts/*.ts", aim: 300, stop: 600 },
  { what: "a test file", files: `${CODE}.{test,test-d}.ts`, aim: 250, stop: 600 },
  { what: "a test file", files: "test/**/*.ts", aim: 250, stop: 600 },
  { what: "a benchmark", files: "benchmarks/**/*.ts", aim: 150, stop: 400 },
  { what: "a Lua script", files: "packages/*/lua/**/*.lua", aim: 60, stop: 120 },
  { what: "the README of a package", files: "packages/*/README.md", aim: 80, stop: 150 },
];

export function checkSizes(root: string): Problem[] {
  return LIMITS.flatMap(({ what, files, except, aim, stop }) =>
    findFiles(root, files)
      .filter((file) => except?.test(file) !== true)
      .map((file) => ({ file, lines: countLines(readText(root, file)) }))
      .filter(({ lines }) => lines > aim)
      .map(({ file, lines }) =>
        lines > stop
          ? { file, message: `${lines} lines; ${what} stops at ${stop}` }
          : { file, message: `${lines} lines; ${what} aims at ${aim}`, note: true },
      ),
  );
}

function countLines(text: string): number {
  return text.replace(/\n$/, "").split("\n").length;
}
