import { expect, test } from "vitest";
import { fixture } from "./fixture.ts";
import { checkSizes } from "./sizes.ts";

const lines = (count: number) => "x\n".repeat(count);

test("over the stop fails, over the aim is a note", () => {
  const root = fixture({
    "packages/core/src/a.ts": lines(150),
    "packages/core/src/b.ts": lines(151),
    "packages/core/src/c.ts": lines(401),
    "packages/core/src/d.generated.ts": lines(9999),
    "packages/core/dist/e.ts": lines(9999),
    "packages/core/src/contracts/f.ts": lines(500),
    "packages/core/test/g.test.ts": lines(601),
    "packages/core/lua/lib/h.lua": lines(121),
    "packages/core/README.md": lines(151),
    "packages/core/CHANGELOG.md": lines(9999),
  });
  expect(
    checkSizes(root).map(({ file, note }) => `${note === true ? "note" : "stop"} ${file}`),
  ).toEqual([
    "note packages/core/src/b.ts",
    "stop packages/core/src/c.ts",
    "note packages/core/src/contracts/f.ts",
    "stop packages/core/test/g.test.ts",
    "stop packages/core/lua/lib/h.lua",
    "stop packages/core/README.md",
  ]);
});
