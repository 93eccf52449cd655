import { short } from "./measure.ts";
import { verdictOn } from "./scenario.ts";
import type { Figure } from "./scenario.ts";

/** What one scenario came to: its figures, or why it has none. */
export interface Outcome {
  scenario: string;
  figures: Figure[];
  failure?: string;
  seconds: number;
}

const HEADINGS = ["scenario", "figure", "value", "bar", "", "baseline, same run"];

/** All figures as a table of Markdown, padded so that it reads on a terminal too. */
export function toTable(outcomes: readonly Outcome[]): string {
  const rows = outcomes.flatMap(({ scenario, figures, failure }) =>
    failure === undefined
      ? figures.map((figure) => toRow(scenario, figure))
      : [[scenario, "failed", "", "", "MISS", failure.split("\n", 1)[0]!]],
  );
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]!.length), 3),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  return [line(HEADINGS), rule, ...rows.map(line)].join("\n");
}

function toRow(scenario: string, figure: Figure): string[] {
  const { name, value, unit = "", bar, baseline = "" } = figure;
  const withUnit = (amount: number): string => `${short(amount)} ${unit}`.trim();
  const limit =
    bar === undefined
      ? ""
      : "atLeast" in bar
        ? `≥ ${withUnit(bar.atLeast)}`
        : `≤ ${withUnit(bar.atMost)}`;
  return [scenario, name, withUnit(value), limit, verdictOn(figure), baseline];
}
