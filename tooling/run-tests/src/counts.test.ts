import { expect, test } from "vitest";
import { countTests, summaryOf } from "./counts.ts";

const file = (status: string, ...statuses: string[]) => ({
  status,
  assertionResults: statuses.map((one) => ({ status: one })),
});

test.each([
  ["all well", [file("passed", "passed", "passed")], 0, "2 passed, 0 failed"],
  ["a failing test", [file("failed", "passed", "failed")], 1, "1 passed, 1 failed"],
  [
    "skipped tests",
    [file("passed", "passed", "skipped", "todo")],
    0,
    "1 passed, 0 failed, 2 skipped",
  ],
  [
    "a file that does not load",
    [file("passed", "passed"), file("failed")],
    1,
    "1 passed, 1 failed",
  ],
  ["a hook that fails", [file("failed", "passed", "passed")], 1, "2 passed, 1 failed"],
  ["an unhandled error", [file("passed", "passed")], 1, "1 passed, 1 failed"],
  ["a killed run", [file("passed", "passed")], null, "1 passed, 1 failed"],
  ["no tests", [], 0, "0 passed, 1 failed"],
  ["skipped tests only", [file("passed", "skipped")], 0, "0 passed, 1 failed, 1 skipped"],
])("%s", (_, testResults, exitCode, line) => {
  expect(summaryOf(countTests({ testResults }, exitCode))).toBe(line);
});

test.each([undefined, null, "half a rep", {}, { testResults: 5 }])("no report: %j", (report) => {
  expect(summaryOf(countTests(report, 0))).toBe("0 passed, 1 failed");
});
