import { checkArrows } from "./arrows.ts";
import { checkFormat } from "./format.ts";
import { checkLint } from "./lint.ts";
import { checkLua } from "./lua.ts";
import { checkManifests } from "./manifests.ts";
import type { Problem } from "./problem.ts";
import { checkProse } from "./prose.ts";
import { checkSizes } from "./sizes.ts";
import { checkSnippets } from "./snippets.ts";
import { checkUnused } from "./unused.ts";

export { describeProblem } from "./problem.ts";
export type { Problem } from "./problem.ts";

export interface Check {
  name: string;
  run(root: string): Problem[] | Promise<Problem[]>;
}

/** What `pnpm check` checks, in this order. */
export const checks: Check[] = [
  { name: "format", run: checkFormat },
  { name: "lint", run: checkLint },
  { name: "arrows", run: checkArrows },
  { name: "manifests", run: checkManifests },
  { name: "sizes", run: checkSizes },
  { name: "lua", run: checkLua },
  { name: "prose", run: checkProse },
  { name: "snippets", run: checkSnippets },
  { name: "unused", run: checkUnused },
];

/** A check that throws has found a problem. */
export async function runCheck(check: Check, root: string): Promise<Problem[]> {
  try {
    return await check.run(root);
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return [{ file: ".", message: `the check itself failed: ${message}` }];
  }
}
