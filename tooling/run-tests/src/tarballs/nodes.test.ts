import { expect, test } from "vitest";
import { findNodes, supports } from "./nodes.ts";

test.each([
  [">=20", "20", true],
  [">=20", "24.21.0", true],
  [">=22.13", "22", true],
  [">=22.13", "22.12.0", false],
  [">=22.13", "20", false],
  [">=24", "22", false],
])("%s on %s: %s", (range, version, expected) => {
  expect(supports(range, version)).toBe(expected);
});

test("a range that nobody checks is an error", () => {
  expect(() => supports("^20 || ^22", "20")).toThrow("^20 || ^22");
});

test("the current Node is always there", () => {
  expect(findNodes()[0]).toEqual({ version: process.versions.node, binary: process.execPath });
});
