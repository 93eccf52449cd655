import { importsOf, packageOf } from "./imports.ts";
import type { Problem } from "./problem.ts";
import { type Member, readJson, readText, sourcesOf, type TsConfig } from "./workspace.ts";

/** package.json and tsconfig.json of a package name what its sources import, and nothing else. */
export function checkDeclarations(root: string, packages: Member[]): Problem[] {
  const folders = new Map(packages.map((member) => [member.manifest?.name ?? "", member.name]));
  return [
    ...packages.flatMap((member) => {
      const imported = importedBy(root, member);
      return [
        ...checkDependencies(member, imported),
        ...checkReferences(member, imported, folders),
      ];
    }),
    ...checkRoot(root, packages),
  ];
}

/** The packages that the shipped sources of a package import. */
function importedBy(root: string, member: Member): Set<string> {
  const files = sourcesOf(root, member);
  const imports = files.flatMap((file) => importsOf(file, readText(root, file)));
  const names = imports
    .filter(({ specifier }) => !/^(\.|node:)/.test(specifier))
    .map(({ specifier }) => packageOf(specifier));
  return new Set(names.filter((name) => name !== member.manifest?.name));
}

function checkDependencies(member: Member, imported: Set<string>): Problem[] {
  if (member.manifest === undefined) return [];
  const file = `${member.folder}/package.json`;
  const declared = new Set([
    ...Object.keys(member.manifest.dependencies ?? {}),
    ...Object.keys(member.manifest.peerDependencies ?? {}),
  ]);
  return [
    ...[...imported.difference(declared)].map((name) => ({
      file,
      message: `${name} is imported, but no dependency or peer dependency`,
    })),
    ...[...declared.difference(imported)].map((name) => ({
      file,
      message: `${name} is declared, but src does not import it`,
    })),
  ];
}

function checkReferences(
  member: Member,
  imported: Set<string>,
  folders: Map<string, string>,
): Problem[] {
  if (member.tsconfig === undefined) return [];
  const file = `${member.folder}/tsconfig.json`;
  const wanted = new Set([...imported].flatMap((name) => folders.get(name) ?? []));
  const listed = new Set(
    (member.tsconfig.references ?? []).map(({ path }) => path.replace("../", "")),
  );
  return [
    ...[...wanted.difference(listed)].map((name) => ({
      file,
      message: `references lack { "path": "../${name}" }, which src imports`,
    })),
    ...[...listed.difference(wanted)].map((name) => ({
      file,
      message: `references name ../${name}, which src does not import`,
    })),
  ];
}

/** The root tsconfig.json builds every package. */
function checkRoot(root: string, packages: Member[]): Problem[] {
  const references = readJson<TsConfig>(root, "tsconfig.json")?.references ?? [];
  const listed = new Set(references.map(({ path }) => path));
  return packages
    .filter(({ folder }) => !listed.has(folder))
    .map(({ folder }) => ({ file: "tsconfig.json", message: `references lack ${folder}` }));
}
