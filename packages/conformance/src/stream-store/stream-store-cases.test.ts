import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { streamStoreCases } from "./stream-store-cases.ts";

const CONTRACT = new URL("../../../core/src/contracts/stream-store.ts", import.meta.url);

it("has a case for every INVARIANT of the contract, and none that the contract does not know", () => {
  const lines = readFileSync(CONTRACT, "utf8").matchAll(/INVARIANT ([a-z-]+(?:, [a-z-]+)*):/g);
  const promised = [...lines].flatMap(([, ids]) => ids?.split(", ") ?? []);
  expect(promised.length).toBeGreaterThan(0);
  expect(promised, "each id once").toEqual([...new Set(promised)]);
  const tested = new Set(streamStoreCases.map(({ invariant }) => invariant));
  expect(tested).toEqual(new Set(promised));
});

it("has a title of its own for every case", () => {
  const titles = streamStoreCases.map(({ invariant, title }) => `${invariant}: ${title}`);
  expect(titles).toEqual([...new Set(titles)]);
});
