import { fileURLToPath } from "node:url";
import { checks, describeProblem, runCheck } from "./index.ts";

// `pnpm check` runs all; `pnpm check arrows sizes` those named.
const root = fileURLToPath(new URL("../../..", import.meta.url));
const names = process.argv.slice(2);
const unknown = names.filter((name) => !checks.some((check) => check.name === name));
if (unknown.length > 0) {
  console.error(
    `no check is called ${unknown.join(", ")}: ${checks.map(({ name }) => name).join(", ")}`,
  );
  process.exit(2);
}

for (const check of checks.filter(({ name }) => names.length === 0 || names.includes(name))) {
  const start = performance.now();
  const problems = await runCheck(check, root);
  const failing = problems.filter(({ note }) => note !== true);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const verdict = failing.length === 0 ? "ok" : `${failing.length} problems`;
  console.log(`${failing.length === 0 ? "✔" : "✘"} ${check.name}: ${verdict} (${seconds} s)`);
  for (const problem of problems) console.log(`  ${describeProblem(problem)}`);
  if (failing.length > 0) process.exitCode = 1;
}
