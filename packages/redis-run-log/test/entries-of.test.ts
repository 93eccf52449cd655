import { queryObjects } from "node:v8";
import { expect, it } from "vitest";
import { entriesOf } from "../src/entries-of.ts";
import { RunLog } from "../src/run-log.ts";
import { connect } from "./run-logs.ts";

const count = (): number => queryObjects(RunLog, { format: "count" });

it("is the same log for the same options, and another for others or another client", () => {
  const [one, two] = [connect(), connect()];
  const log = entriesOf(one, { prefix: "a", batchSize: 7 });
  expect(entriesOf(one, { batchSize: 7, prefix: "a" })).toBe(log);
  expect(entriesOf(one, { batchSize: 7, prefix: "a", push: undefined })).toBe(log);
  expect(entriesOf(one, { prefix: "a" })).not.toBe(log);
  expect(entriesOf(one, { prefix: "b", batchSize: 7 })).not.toBe(log);
  expect(entriesOf(two, { prefix: "a", batchSize: 7 })).not.toBe(log);
});

it("ten thousand prefixes leave no ten thousand logs behind", () => {
  const before = count();
  const client = connect();
  for (let i = 0; i < 10_000; i++) entriesOf(client, { prefix: `tenant-${i}` });
  expect(count() - before).toBeLessThanOrEqual(200);
  expect(entriesOf(client, { prefix: "tenant-9999" })).toBe(
    entriesOf(client, { prefix: "tenant-9999" }),
  );
});
