import type { EightMethodClient } from "@streambed/redis-driver";
import { expect, it } from "vitest";
import {
  pipeRun,
  readRunLog,
  RedisRunLogStore,
  runLogResponse,
  RunLogWriter,
} from "../src/index.ts";
import { connect } from "./run-logs.ts";

it("a client that runs no scripts is refused, by all and at once", async () => {
  const client = connect();
  const eight: EightMethodClient = {
    get: (key) => client.get(key),
    set: (key, value, mode, seconds) => client.set(key, value, mode, seconds),
    exists: (...keys) => client.exists(...keys),
    rpush: (key, ...values) => client.rpush(key, ...values),
    lrange: (key, start, stop) => client.lrange(key, start, stop),
    llen: (key) => client.llen(key),
    expire: (key, seconds) => client.expire(key, seconds),
    del: (...keys) => client.del(...keys),
  };
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
