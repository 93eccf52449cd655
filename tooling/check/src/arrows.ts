import { dirname, join } from "node:path/posix";
import { ARROWS, NEIGHBOURS, OWN_CLIENTS, REDIS_LIBRARIES } from "./arrow-table.ts";
import { checkDeclarations } from "./declared-imports.ts";
import { type Import, importsOf, packageOf } from "./imports.ts";
import type { Problem } from "./problem.ts";
import {
  findFiles,
  type Member,
  readMembers,
  readPackages,
  readText,
  sourcesOf,
} from "./workspace.ts";

const SCOPE = "@streambed/";

/** Imports follow the table, and manifests and tsconfigs say the same as the imports. */
export function checkArrows(root: string): Problem[] {
  const packages = readPackages(root);
  return [
    ...packages.flatMap((member) => checkPackage(root, member)),
    ...checkDeclarations(root, packages),
    ...checkBorders(root, readMembers(root)),
  ];
}

function checkPackage(root: string, member: Member): Problem[] {
  return sourcesOf(root, member).flatMap((file) => {
    const row = rowOf(member, file);
    const allowed = ARROWS[row];
    if (allowed === undefined) {
      return [{ file, message: `${row} has no row in tooling/check/src/arrow-table.ts` }];
    }
    return importsOf(file, readText(root, file)).flatMap((found) => {
      const message = refusal(member, file, { row, allowed }, found);
      return message === undefined ? [] : [{ file, line: found.line, message }];
    });
  });
}

/** The row of the table that a source file stands under: its package, or its folder inside core. */
function rowOf(member: Member, file: string): string {
  const [first, ...rest] = file.slice(`${member.folder}/src/`.length).split("/");
  return member.name === "core" && rest.length > 0 ? `core/${first}` : member.name;
}

function refusal(
  member: Member,
  file: string,
  { row, allowed }: { row: string; allowed: string[] },
  { specifier }: Import,
): string | undefined {
  if (specifier.startsWith(".")) {
    const target = join(dirname(file), specifier);
    if (!target.startsWith(`${member.folder}/src/`)) return `${specifier} leaves the package's src`;
    const targetRow = rowOf(member, target);
    if (targetRow === row || allowed.includes(targetRow)) return undefined;
    return `${row} may not import ${targetRow} (${specifier})`;
  }
  if (specifier.startsWith("node:")) {
    const types = member.tsconfig?.compilerOptions?.types ?? [];
    return types.includes("node") ? undefined : `${specifier}: ${member.name} is runtime-neutral`;
  }
  if (REDIS_LIBRARIES.test(specifier) && OWN_CLIENTS[file] !== specifier) {
    return `${specifier}: no package imports a Redis library, not even its types`;
  }
  if (packageOf(specifier) === member.manifest?.name) {
    return `${specifier}: import inside a package by relative path`;
  }
  const target = targetOf(specifier);
  return allowed.includes(target) ? undefined : `${row} may not import ${specifier}`;
}

/** `@streambed/core/codec` -> `core/codec`, `@streambed/memory` -> `memory`, `hono/tiny` -> `npm:hono`. */
function targetOf(specifier: string): string {
  if (!specifier.startsWith(SCOPE)) return `npm:${packageOf(specifier)}`;
  const own = specifier.slice(SCOPE.length);
  return own.startsWith("core/") ? own : (own.split("/")[0] ?? own);
}

/** No relative path leads from one workspace folder into another, in tests and examples neither. */
function checkBorders(root: string, members: Member[]): Problem[] {
  return members.flatMap(({ folder }) => {
    const others = members.filter((other) => other.folder !== folder);
    return findFiles(root, `${folder}/**/*.{ts,tsx}`).flatMap((file) =>
      importsOf(file, readText(root, file))
        .filter(({ specifier }) => specifier.startsWith("."))
        .map((found) => ({ ...found, target: join(dirname(file), found.specifier) }))
        .filter(({ target }) => others.some((other) => target.startsWith(`${other.folder}/`)))
        .filter(({ target }) => !isNeighbour(file, target))
        .map(({ specifier, line }) => ({
          file,
          line,
          message: `${specifier} leads into another package: import it by name`,
        })),
    );
  });
}

function isNeighbour(file: string, target: string): boolean {
  return NEIGHBOURS.some(([from, to]) => file.startsWith(from) && target.startsWith(to));
}
