import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import { generateLua } from "../../lua/build-lua.ts";
import type { Problem } from "./problem.ts";

/** The checked-in TypeScript of each package's Lua is what its .lua files make. */
export function checkLua(root: string): Problem[] {
  return generateLua()
    .filter(({ path, content }) => !existsSync(path) || readFileSync(path, "utf8") !== content)
    .map(({ path }) => ({ file: relative(root, path), message: "out of date: `pnpm lua`" }));
}
