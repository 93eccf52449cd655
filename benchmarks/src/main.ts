// All scenarios or those named, one after the other. With --write the table goes to results/<date>.md too.
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { spawnNode } from "@streambed/test-kit";
import { describeMachine, isBusy } from "./kit/machine.ts";
import { toTable } from "./kit/report.ts";
import type { Outcome } from "./kit/report.ts";
import { verdictOn } from "./kit/scenario.ts";
import type { Figure } from "./kit/scenario.ts";

const SCENARIOS = new URL("scenarios/", import.meta.url);
const RESULTS = new URL("../results/", import.meta.url);
const TIMEOUT_MS = 120_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { write: { type: "boolean", default: false } },
});
process.exitCode = await main(positionals, values.write);

async function main(names: readonly string[], write: boolean): Promise<number> {
  const all = (await readdir(SCENARIOS)).map((file) => file.replace(/\.ts$/, "")).sort();
  const unknown = names.filter((name) => !all.includes(name));
  if (unknown.length > 0) {
    console.error(`There is no ${unknown.join(", ")}. There are: ${all.join(", ")}.`);
    return 1;
  }
  const machine = await describeMachine();
  console.log(machine.join("\n"));
  if (isBusy()) console.log("This machine is busy: times may say little.");
  const outcomes: Outcome[] = [];
  for (const name of names.length > 0 ? names : all) {
    const outcome = await runScenario(name);
    outcomes.push(outcome);
    console.error(`${name}: ${outcome.failure ?? `${outcome.seconds.toFixed(1)} s`}`);
  }
  const table = toTable(outcomes);
  console.log(`\n${table}`);
  if (write) await writeResults(machine, table);
  const missed = outcomes.flatMap(({ figures }) => figures.filter(isMissed)).length;
  const failed = outcomes.filter(({ failure }) => failure !== undefined).length;
  console.log(`\n${missed} bars missed, ${failed} scenarios failed.`);
  return missed + failed === 0 ? 0 : 1;
}

/** In a process of its own: neither garbage nor optimised code of one scenario reaches the next. */
async function runScenario(name: string): Promise<Outcome> {
  const startedAt = performance.now();
  await using child = await spawnNode(new URL("run-scenario.ts", import.meta.url), {
    args: [name],
    nodeArgs: ["--expose-gc"],
  });
  const result = await child.waitForLine(/^figures (.*)$/, TIMEOUT_MS).then(
    ([, json = "[]"]) => ({ figures: JSON.parse(json) as Figure[] }),
    (error: unknown) => ({ figures: [], failure: String(error) }),
  );
  return { scenario: name, ...result, seconds: (performance.now() - startedAt) / 1_000 };
}

async function writeResults(machine: readonly string[], table: string): Promise<void> {
  const date = new Date().toISOString().slice(0, 10);
  const lines = [`# Measured on ${date}`, "", ...machine.map((line) => `- ${line}`), "", table, ""];
  await mkdir(RESULTS, { recursive: true });
  await writeFile(new URL(`${date}.md`, RESULTS), lines.join("\n"));
}

function isMissed(figure: Figure): boolean {
  return verdictOn(figure) === "MISS";
}
