import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checks, describeProblem, runCheck } from "@streambed/check";
import { summaryOf } from "./counts.ts";
import { runDist } from "./tarballs/dist-stage.ts";
import { complaint, RESULTS, ROOT, run } from "./repository.ts";
import { Tally } from "./tally.ts";
import { runVitest } from "./vitest-stage.ts";

// What `pnpm test` runs, in this order; `pnpm test check types` runs those named. One after the other:
// tests against real servers have the machine to themselves.
const stages: Record<string, (tally: Tally) => Promise<void>> = {
  check: runChecks,
  types: runTypes,
  unit: (tally) => runVitest(tally, "unit", ["unit", "types"]),
  service: (tally) => runVitest(tally, "service", ["service"]),
  e2e: (tally) => runVitest(tally, "e2e", ["e2e"]),
  dist: runDist,
};

async function runChecks(tally: Tally): Promise<void> {
  for (const check of checks) {
    await tally.step(check.name, async () => {
      const problems = await runCheck(check, ROOT);
      return problems.filter(({ note }) => note !== true).map(describeProblem);
    });
  }
}

async function runTypes(tally: Tally): Promise<void> {
  await tally.step("tsc -b", async () => complaint(await run("tsc", ["-b"])));
  // The client's transport with the older AI SDK, and an example that Next compiles its own way.
  const projects = [
    "tsconfig.test.json",
    "packages/client/tsconfig.ai-6.json",
    "examples/next-chat",
  ];
  for (const project of projects) {
    await tally.step(`tsc -p ${project}`, async () => complaint(await run("tsc", ["-p", project])));
  }
}

const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in stages));
const tally = new Tally();
mkdirSync(RESULTS, { recursive: true });

for (const name of unknown)
  await tally.step(name, () => [`stages: ${Object.keys(stages).join(" ")}`]);
for (const [name, runStage] of Object.entries(stages)) {
  if (names.length > 0 && !names.includes(name)) continue;
  const start = performance.now();
  console.log(`\n▶ ${name}`);
  try {
    await runStage(tally);
  } catch (error) {
    await tally.step(`the stage ${name} itself`, () => {
      throw error;
    });
  }
  console.log(`  ${name} took ${((performance.now() - start) / 1000).toFixed(1)} s`);
}

const summary = summaryOf(tally.counts);
// pnpm has a last word of its own when a script fails: .ci/run repeats the line from this file.
writeFileSync(join(RESULTS, "summary.txt"), `${summary}\n`);
process.exitCode = tally.counts.failed === 0 ? 0 : 1;
console.log(`\n${summary}`);
