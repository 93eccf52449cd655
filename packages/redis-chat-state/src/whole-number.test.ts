import { describe, expect, it } from "vitest";
import { assertTime, wholeNumber, wholeNumberOrNone } from "./whole-number.ts";

const refusal = expect.objectContaining({ name: "ChatStateError", code: "INVALID_OPTION" });

describe.each([
  ["wholeNumber", wholeNumber],
  ["wholeNumberOrNone", wholeNumberOrNone],
])("%s", (_, convert) => {
  it.each([
    [1, "1"],
    [1.000_001, "2"],
    [Number.MIN_VALUE, "1"],
    [30_000, "30000"],
    [2 ** 53, "9007199254740992"],
    [1e16, "10000000000000000"],
  ])("%s is %s", (value, text) => expect(convert("n", value)).toBe(text));

  it.each([NaN, Infinity, 1e17, "5", {}, 5n, true] as number[])("%s is refused", (value) => {
    expect(() => convert("the TTL", value)).toThrow(refusal);
    expect(() => convert("the TTL", value)).toThrow(/^the TTL must/);
  });
});

it.each([0, -0, -1, -0.5, -Infinity])("%s is none, or refused", (value) => {
  expect(wholeNumberOrNone("n", value)).toBe("0");
  expect(() => wholeNumber("n", value)).toThrow(refusal);
});

it.each([undefined, null] as undefined[])("%s is none", (value) =>
  expect(wholeNumberOrNone("n", value)).toBe("0"),
);

it("a time fits into a timer", () => {
  for (const ms of [0.5, 1, 2 ** 31 - 1]) assertTime("t", ms);
  for (const ms of [0, -1, NaN, Infinity, 2 ** 31, "5" as unknown as number]) {
    expect(() => assertTime("t", ms), String(ms)).toThrow(refusal);
  }
});
