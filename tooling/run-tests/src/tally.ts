import { addCounts, type Counts } from "./counts.ts";

/** Runs steps one after the other, tells of each, and keeps count. */
export class Tally {
  counts: Counts = { passed: 0, failed: 0, skipped: 0 };

  add(counts: Counts): void {
    this.counts = addCounts(this.counts, counts);
  }

  skip(name: string, reason: string): void {
    console.log(`- ${name}: skipped, ${reason}`);
    this.add({ passed: 0, failed: 0, skipped: 1 });
  }

  /** One step: it passes when it finds no problem. Its problems, or what it threw, are printed. */
  async step(name: string, findProblems: () => string[] | Promise<string[]>): Promise<boolean> {
    const start = performance.now();
    const problems = await this.#run(findProblems);
    const ok = problems.length === 0;
    console.log(`${ok ? "✔" : "✘"} ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
    for (const problem of problems) console.log(problem.replaceAll(/^/gm, "    "));
    this.add({ passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 });
    return ok;
  }

  async #run(findProblems: () => string[] | Promise<string[]>): Promise<string[]> {
    try {
      return await findProblems();
    } catch (error) {
      return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
    }
  }
}
