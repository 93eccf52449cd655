import { describe, expect, it } from "vitest";
import { hashedPart, keySlot, tagIn } from "./key-slot.ts";

describe("keySlot", () => {
  // As CLUSTER KEYSLOT says.
  it.each([
    ["", 0],
    ["123456789", 12_739],
    ["foo", 12_182],
    ["somekey", 11_058],
    ["foo{hash_tag}", 2_515],
    ["chat-sdk:subscriptions", 6_928],
    ["é€😀", 8_047],
  ])("%s lies in %i", (key, slot) => expect(keySlot(key)).toBe(slot));
});

describe("hashedPart", () => {
  // The examples of the Redis Cluster specification, then some that are meaner.
  it.each([
    ["{user1000}.following", "user1000"],
    ["foo{}{bar}", "foo{}{bar}"],
    ["foo{{bar}}zap", "{bar"],
    ["foo{bar}{zap}", "bar"],
    ["a}b", "a}b"],
    ["a}{b}", "b"],
    ["a{b", "a{b"],
    ["a\n{b\n}", "b\n"],
    ["", ""],
  ])("of %j is %j", (key, part) => expect(hashedPart(key)).toBe(part));
});

it("tagIn finds a tag for every slot", { timeout: 20_000 }, () => {
  const wrong = Array.from({ length: 16_384 }, (_, slot) => slot).filter((slot) => {
    const tag = tagIn(slot);
    return !/^\d+$/.test(tag) || keySlot(`x{${tag}}y`) !== slot;
  });
  expect(wrong).toEqual([]);
});
