import { execFile } from "node:child_process";
import { join } from "node:path";

export interface ToolResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a command of node_modules/.bin at the root of the repository, and never rejects. */
export function runTool(root: string, name: string, args: string[]): Promise<ToolResult> {
  const { promise, resolve } = Promise.withResolvers<ToolResult>();
  const bin = join(root, "node_modules/.bin", name);
  execFile(bin, args, { cwd: root, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
    const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
    resolve({ code, stdout, stderr: stderr || (stdout === "" ? (error?.message ?? "") : "") });
  });
  return promise;
}
