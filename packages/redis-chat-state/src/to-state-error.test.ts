import { StreamError } from "@streambed/core/contracts";
import { expect, it } from "vitest";
import { toConnectError } from "./to-state-error.ts";

const unavailable = (cause: Error) => new StreamError("UNAVAILABLE", "no Redis", { cause });
const refused = new Error("connect ECONNREFUSED");

it("a server that did not answer: what the client said last is the reason", () => {
  const error = toConnectError(unavailable(new Error("no reply")), refused);
  expect(error).toMatchObject({
    code: "UNAVAILABLE",
    message: "no Redis (connect ECONNREFUSED)",
    cause: refused,
  });
});

it("errors of several addresses have a code only", () => {
  const several = Object.assign(new AggregateError([refused]), { code: "ECONNREFUSED" });
  expect(toConnectError(unavailable(new Error("no reply")), several).message).toBe(
    "no Redis (ECONNREFUSED)",
  );
});

it("a client that said nothing, and a server that answered: what came of the call is the reason", () => {
  const silence = new Error("no reply");
  expect(toConnectError(unavailable(silence), undefined)).toMatchObject({ cause: silence });
  const loading = new Error("LOADING Redis is loading the dataset in memory");
  const found = toConnectError(unavailable(loading), refused);
  expect(found).toMatchObject({ message: "no Redis", cause: loading });
  const unsupported = new StreamError("UNSUPPORTED", "no scripts");
  expect(toConnectError(unsupported, refused)).toMatchObject({
    code: "UNSUPPORTED",
    message: "no scripts",
  });
});
