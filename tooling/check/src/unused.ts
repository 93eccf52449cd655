import type { Problem } from "./problem.ts";
import { runTool } from "./run-tool.ts";

interface Finding {
  name: string;
  line?: number;
}

interface KnipReport {
  issues: ({ file: string } & Record<string, Finding[]>)[];
}

const KINDS: Record<string, string> = {
  files: "no entry reaches this file",
  exports: "is exported, and nobody imports it",
  types: "is exported, and nobody imports it",
  dependencies: "is a dependency that nothing imports",
  devDependencies: "is a devDependency that nothing imports",
  unlisted: "is imported, and not in package.json",
  unresolved: "cannot be resolved",
  duplicates: "is exported twice",
  binaries: "is run, and not in package.json",
};

/** knip: files, exports and dependencies that nothing uses (tooling/check/knip.json). */
export async function checkUnused(root: string): Promise<Problem[]> {
  const args = ["--config", "tooling/check/knip.json", "--reporter", "json"];
  const { code, stdout, stderr } = await runTool(root, "knip", args);
  const report = parseReport(stdout);
  if (report === undefined) return [{ file: ".", message: `knip exited with ${code}: ${stderr}` }];
  return report.issues.flatMap((issue) =>
    Object.entries(KINDS).flatMap(([kind, meaning]) =>
      (issue[kind] ?? []).map(({ name, line }) => ({
        file: issue.file,
        ...(line === undefined ? {} : { line }),
        message: kind === "files" ? meaning : `${name} ${meaning}`,
      })),
    ),
  );
}

function parseReport(text: string): KnipReport | undefined {
  try {
    return JSON.parse(text) as KnipReport;
  } catch {
    return undefined;
  }
}
