import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** The generated file of every package that has Lua: its path, and what should be in it. */
export function generateLua(): { path: string; content: string }[] {
  return globSync("packages/*/lua", { cwd: root })
    .sort()
    .map((folder) => ({
      path: join(root, dirname(folder), "src/scripts.generated.ts"),
      content: moduleOf(join(root, folder)),
    }));
}

function moduleOf(folder: string): string {
  // A package imports itself by path.
  const isDriver = basename(dirname(folder)) === "redis-driver";
  const driver = isDriver ? "./redis-driver.ts" : "@streambed/redis-driver";
  let text = "// Generated from lua/*.lua by `pnpm lua`. Do not edit.\n";
  text += `import type { RedisScript } from "${driver}";\n`;
  for (const file of globSync("*.lua", { cwd: folder }).sort()) {
    const source = compact(withIncludes(folder, readFileSync(join(folder, file), "utf8")));
    const name = basename(file, ".lua");
    const constant = name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    const sha1 = createHash("sha1").update(source).digest("hex");
    text += `\nexport const ${constant}Script: RedisScript = {\n  name: "${name}",\n  sha1: "${sha1}",\n`;
    text += `  source: ${JSON.stringify(source)},\n};\n`;
  }
  return text;
}

/** Each `-- @include name` line, replaced by lib/name.lua; `package/name` is another package's. */
function withIncludes(folder: string, source: string): string {
  return source.replaceAll(
    /^-- @include (?:(.+)\/)?(.+)$/gm,
    (_, from: string | undefined, name: string) => {
      const owner = from === undefined ? folder : join(root, "packages", from, "lua");
      return withIncludes(folder, readFileSync(join(owner, "lib", `${name}.lua`), "utf8"));
    },
  );
}

/** Comments and indentation are for readers of the source: every script is sent at least once. */
function compact(source: string): string {
  const lines = source.split("\n").map((line) => line.replace(/(^|\s)--.*$/, "").trim());
  return lines.filter((line) => line !== "").join("\n");
}

if (import.meta.main) {
  for (const { path, content } of generateLua()) {
    if (!existsSync(path) || readFileSync(path, "utf8") !== content) writeFileSync(path, content);
  }
}
