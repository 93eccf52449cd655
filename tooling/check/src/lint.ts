import type { Problem } from "./problem.ts";
import { runTool } from "./run-tool.ts";

interface LintReport {
  diagnostics: {
    code?: string;
    message: string;
    filename: string;
    labels: { span: { line: number } }[];
  }[];
}

/** oxlint with type information (.oxlintrc.json says which rules, and why some are off). */
export async function checkLint(root: string): Promise<Problem[]> {
  const { code, stdout, stderr } = await runTool(root, "oxlint", ["--type-aware", "-f", "json"]);
  const problems = parseReport(stdout);
  if (problems === undefined || (code !== 0 && problems.length === 0)) {
    return [{ file: ".", message: `oxlint exited with ${code}: ${stderr || stdout}` }];
  }
  return problems;
}

function parseReport(text: string): Problem[] | undefined {
  try {
    const { diagnostics } = JSON.parse(text) as LintReport;
    return diagnostics.map(({ code, message, filename, labels: [label] }) => ({
      file: filename,
      ...(label === undefined ? {} : { line: label.span.line }),
      message: code === undefined ? message : `${code}: ${message}`,
    }));
  } catch {
    return undefined;
  }
}
