import { expect, test } from "vitest";
import { StreamError } from "./stream-error.ts";

test("carries its code, the state and the cause", () => {
  const cause = new Error("socket closed");
  const error = new StreamError("NOT_ACTIVE", "it has ended", { state: "stopped", cause });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ name: "StreamError", code: "NOT_ACTIVE", state: "stopped", cause });
  expect("cause" in new StreamError("LOST", "gone")).toBe(false);
  expect(new StreamError("LOST", "gone", { cause: null }).cause).toBeNull();
  expect(String(error)).toBe("StreamError: it has ended");
});

test("is() knows one from another copy of the package, and nothing else", () => {
  const error = new StreamError("LOST", "gone");
  const foreign = Object.assign(new Error("gone"), { name: "StreamError", code: "LOST" });
  for (const one of [error, foreign]) {
    expect(StreamError.is(one)).toBe(true);
    expect(StreamError.is(one, "LOST")).toBe(true);
    expect(StreamError.is(one, "EXPIRED")).toBe(false);
  }
  const nameless = Object.assign(new Error("gone"), { code: "LOST" });
  const plain = { name: "StreamError", code: "LOST" };
  const codeless = Object.assign(new Error("gone"), { name: "StreamError" });
  for (const other of [nameless, plain, codeless, null, undefined, "LOST", 0]) {
    expect(StreamError.is(other)).toBe(false);
  }
});
