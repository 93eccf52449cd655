import { expect, it } from "vitest";
import {
  pipeRun,
  readRunLog,
  RedisRunLogStore,
  runLogResponse,
  RunLogWriter,
} from "../src/index.ts";
import { toEightMethods } from "../../redis-stream-store/test/eight-methods.ts";
import { connect } from "./run-logs.ts";

it("a client that runs no scripts is refused, by all and at once", async () => {
  const eight = toEightMethods(connect());
  const refused = expect.objectContaining({ code: "UNSUPPORTED" });
  expect(() => new RedisRunLogStore(eight)).toThrow(refused);
  expect(() => new RunLogWriter(eight)).toThrow(refused);
  expect(() => readRunLog(eight, "r")).toThrow(refused);
  await expect(runLogResponse(eight, "r")).rejects.toEqual(refused);
  let closed = false;
  const source = (async function* () {
    yield "data: never\n\n";
  })();
  const original = source.return.bind(source);
  source.return = (value) => {
    closed = true;
    return original(value);
  };
  await expect(pipeRun({ source, redis: eight, runId: "r" })).rejects.toEqual(refused);
  expect(closed).toBe(true);
});
