import { expect, test } from "vitest";
import { newestMessages } from "./newest-messages.ts";

const talk = (roles: string) =>
  Array.from(roles, (letter, i) => ({
    role: { s: "system", u: "user", a: "assistant" }[letter]!,
    at: i,
  }));

test.each([
  ["uauau", 9, [0, 1, 2, 3, 4]],
  ["uauau", 3, [2, 3, 4]],
  ["uauau", 4, [2, 3, 4]],
  ["uauau", 1, [4]],
  // What a compacted conversation begins with is no turn of it.
  ["suauau", 3, [0, 3, 4, 5]],
  ["suauau", 1, [0, 5]],
  // An answer that goes on, with nothing before it.
  ["ua", 1, [1]],
  ["s", 1, [0]],
  ["", 1, []],
])("of %s the newest %i", (roles, most, expected) => {
  expect(newestMessages(talk(roles), most).map(({ at }) => at)).toEqual(expected);
});
