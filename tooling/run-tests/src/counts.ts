export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

export function addCounts(a: Counts, b: Counts): Counts {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  };
}

/** The line that a run of tests ends with. */
export function summaryOf({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

interface VitestReport {
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

/**
 * What vitest's JSON report and its exit code say together. The report tells of tests; a file that
 * failed without a failing test (an import, a hook) counts as one failure, and so does a run that
 * exited with an error that no test explains (an unhandled rejection, a crash, no tests at all).
 */
export function countTests(report: unknown, exitCode: number | null): Counts {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  const files = isReport(report) ? report.testResults : [];
  for (const { status, assertionResults } of files) {
    const statuses = assertionResults.map((result) => result.status);
    const failed = statuses.filter((one) => one === "failed").length;
    counts.passed += statuses.filter((one) => one === "passed").length;
    counts.failed += failed === 0 && status === "failed" ? 1 : failed;
    counts.skipped += statuses.filter((one) => one !== "passed" && one !== "failed").length;
  }
  const empty = counts.passed + counts.failed === 0;
  if (counts.failed === 0 && (exitCode !== 0 || empty)) counts.failed = 1;
  return counts;
}

function isReport(value: unknown): value is VitestReport {
  return (
    typeof value === "object" &&
    value !== null &&
    "testResults" in value &&
    Array.isArray(value.testResults)
  );
}
