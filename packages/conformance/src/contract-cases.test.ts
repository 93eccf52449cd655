import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { conversationStoreCases } from "./conversation-store/conversation-store-cases.ts";
import { activeStreamsCases } from "./active-streams/active-streams-cases.ts";
import { stateAdapterCases } from "./state-adapter/state-adapter-cases.ts";
import { streamStoreCases } from "./stream-store/stream-store-cases.ts";

const CORE = "../../core/src";

describe.each([
  [`${CORE}/contracts/stream-store.ts`, streamStoreCases],
  [`${CORE}/contracts/active-streams.ts`, activeStreamsCases],
  [`${CORE}/conversation/conversation-store.ts`, conversationStoreCases],
  ["./state-adapter/state-adapter-contract.ts", stateAdapterCases],
])("%s", (file, cases) => {
  it("has a case for every INVARIANT, and none for one that it does not know", () => {
    const contract = readFileSync(new URL(file, import.meta.url), "utf8");
    const lines = contract.matchAll(/INVARIANT ([a-z-]+(?:, [a-z-]+)*):/g);
    const promised = [...lines].flatMap(([, ids]) => ids?.split(", ") ?? []);
    expect(promised.length).toBeGreaterThan(0);
    expect(promised, "each id once").toEqual([...new Set(promised)]);
    expect(new Set(cases.map(({ invariant }) => invariant))).toEqual(new Set(promised));
  });

  it("has a title of its own for every case", () => {
    const titles = cases.map(({ invariant, title }) => `${invariant}: ${title}`);
    expect(titles).toEqual([...new Set(titles)]);
  });
});
