import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { countTests, summaryOf } from "./counts.ts";
import { RESULTS, ROOT, run } from "./repository.ts";
import type { Tally } from "./tally.ts";

const VITEST_TIMEOUT_MS = 15 * 60_000;

/** Runs projects of vitest.config.ts, and counts their tests. */
export async function runVitest(tally: Tally, name: string, projects: string[]): Promise<void> {
  const report = join(RESULTS, `${name}.json`);
  mkdirSync(RESULTS, { recursive: true });
  rmSync(report, { force: true });
  const vitest = join(ROOT, "node_modules/.bin/vitest");
  const { code } = await run(
    vitest,
    [
      "run",
      ...projects.flatMap((project) => ["--project", project]),
      "--allowOnly=false",
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
    ],
    { show: true, timeoutMs: VITEST_TIMEOUT_MS },
  );
  const counts = countTests(readReport(report), code);
  console.log(`${counts.failed === 0 ? "✔" : "✘"} ${name}: ${summaryOf(counts)}`);
  tally.add(counts);
}

function readReport(path: string): unknown {
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}
