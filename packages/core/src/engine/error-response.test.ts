import { expect, test } from "vitest";
import { StreamError } from "../contracts/stream-error.ts";
import type { StreamErrorCode } from "../contracts/stream-error.ts";
import { toErrorResponse } from "./error-response.ts";

test.each<[StreamErrorCode, number]>([
  ["INVALID_ID", 400],
  ["INVALID_CURSOR", 400],
  ["INVALID_CHUNK", 400],
  ["INVALID_MESSAGE", 400],
  ["NOT_FOUND", 404],
  ["EXPIRED", 404],
  ["ALREADY_EXISTS", 409],
  ["NOT_ACTIVE", 409],
  ["FENCED", 409],
  ["LOST", 410],
  ["LIMIT", 413],
  ["UNSUPPORTED", 500],
  ["UNAVAILABLE", 503],
])("%s is %i, with its message and code, and no more", async (code, status) => {
  const error = new StreamError(code, "why", { cause: new Error("secret"), state: "done" });
  const response = toErrorResponse(error);
  expect(response.status).toBe(status);
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(await response.json()).toEqual({ error: "why", code });
});

test("an error from another copy of the package counts, one with an unknown code is 500", () => {
  const foreign = Object.assign(new Error("gone"), { name: "StreamError", code: "NOT_FOUND" });
  expect(toErrorResponse(foreign).status).toBe(404);
  expect(toErrorResponse(Object.assign(foreign, { code: "LATER_INVENTED" })).status).toBe(500);
});

test.each([new TypeError("a bug"), "text", null, undefined, { code: "NOT_FOUND" }])(
  "anything else is thrown again: %s",
  (error) => {
    let thrown: unknown = "nothing";
    try {
      toErrorResponse(error);
    } catch (reason) {
      thrown = reason;
    }
    expect(thrown).toBe(error);
  },
);
