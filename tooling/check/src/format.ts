import type { Problem } from "./problem.ts";
import { runTool } from "./run-tool.ts";

/** Every file is as oxfmt would write it (.oxfmtrc.json). */
export async function checkFormat(root: string): Promise<Problem[]> {
  const { code, stdout, stderr } = await runTool(root, "oxfmt", ["--list-different", "."]);
  const files = stdout.split("\n").filter((line) => line !== "");
  const problems = files.map((file) => ({ file, message: "not formatted: `pnpm format`" }));
  if (code !== 0 && problems.length === 0) return [{ file: ".", message: stderr.trim() }];
  return problems;
}
