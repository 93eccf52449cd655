import type { Ground } from "./ground.ts";

/** One question about speed, memory or requests, asked in a process of its own on a Redis of its own. */
export interface Scenario {
  question: string;
  workload: string;
  run(ground: Ground): Promise<Figure[]>;
}

/** What came out. Where time is the subject it is a ratio to a baseline of the same run. */
export interface Figure {
  name: string;
  value: number;
  /** @default "": a bare number; "×" is a ratio to the baseline */
  unit?: string;
  /** What the value must reach; without one it is only stated. */
  bar?: { atLeast: number } | { atMost: number };
  /** What it was measured against, in that run. */
  baseline?: string;
}

export type Verdict = "pass" | "MISS" | "stated";

export function verdictOn({ value, bar }: Figure): Verdict {
  if (bar === undefined) return "stated";
  const held = "atLeast" in bar ? value >= bar.atLeast : value <= bar.atMost;
  return held ? "pass" : "MISS";
}
