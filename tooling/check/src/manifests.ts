import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Problem } from "./problem.ts";
import { type Manifest, type Member, readMembers } from "./workspace.ts";

/** Packages can be published as they stand; what is not one is private. */
export function checkManifests(root: string): Problem[] {
  return readMembers(root).flatMap((member) => {
    const file = `${member.folder}/package.json`;
    if (member.manifest === undefined) return [{ file, message: "missing, or not JSON" }];
    const messages = member.folder.startsWith("packages/")
      ? [...fieldsOf(member, member.manifest), ...exportsOf(root, member, member.manifest)]
      : privateOf(member, member.manifest);
    const dependencies = dependenciesOf(member.manifest);
    return [...messages, ...dependencies].map((message) => ({ file, message }));
  });
}

function fieldsOf(member: Member, manifest: Manifest): string[] {
  const files = ["dist", "!dist/.tsbuildinfo", "src", "!src/**/*.test.ts", "!src/**/*.test-d.ts"];
  const expected: [string, unknown, unknown][] = [
    ["name", manifest.name, `@streambed/${member.name}`],
    ["license", manifest.license, "MIT"],
    ["type", manifest.type, "module"],
    ["sideEffects", manifest.sideEffects, false],
    ["repository.directory", manifest.repository?.directory, member.folder],
    ["publishConfig.access", manifest.publishConfig?.access, "public"],
    ["private", manifest.private, undefined],
  ];
  const missing = (["version", "description", "engines"] as const).filter(
    (field) => manifest[field] === undefined,
  );
  const unlisted = files.filter((entry) => !(manifest.files ?? []).includes(entry));
  return [
    ...expected
      .filter(([, actual, wanted]) => actual !== wanted)
      .map(([field, actual, wanted]) => `${field} is ${quote(actual)}, not ${quote(wanted)}`),
    ...missing.map((field) => `${field} is missing`),
    ...unlisted.map((entry) => `files lack ${quote(entry)}`),
  ];
}

/** exports point at src, publishConfig.exports at what tsc makes of it, entry by entry. */
function exportsOf(root: string, member: Member, manifest: Manifest): string[] {
  const messages = existsSync(join(root, member.folder, "README.md"))
    ? []
    : ["README.md is missing"];
  const own = manifest.exports ?? {};
  const published = manifest.publishConfig?.exports ?? {};
  if (!("." in own)) messages.push('exports lack "."');
  for (const [entry, target] of Object.entries(own)) {
    if (typeof target !== "string" || !target.startsWith("./src/")) {
      messages.push(`exports[${quote(entry)}] is not a path in src`);
      continue;
    }
    if (!existsSync(join(root, member.folder, target))) messages.push(`${target} does not exist`);
    const built = target.replace("./src/", "./dist/").replace(/\.ts$/, "");
    const wanted = quote({ types: `${built}.d.ts`, default: `${built}.js` });
    const actual = quote(published[entry]);
    if (actual !== wanted) messages.push(`publishConfig.exports[${quote(entry)}] is not ${wanted}`);
  }
  for (const entry of Object.keys(published).filter((name) => !(name in own))) {
    messages.push(`publishConfig.exports[${quote(entry)}] is not in exports`);
  }
  return messages;
}

function privateOf(member: Member, manifest: Manifest): string[] {
  const messages = manifest.private === true ? [] : ["private is not true"];
  const isExample = member.folder.startsWith("examples/");
  if (isExample && manifest.name !== `example-${member.name}`) {
    messages.push(`name is ${quote(manifest.name)}, not "example-${member.name}"`);
  }
  return messages;
}

/** Siblings by workspace:^, everything that only we install at one exact version. */
function dependenciesOf(manifest: Manifest): string[] {
  const { dependencies = {}, devDependencies = {}, optionalDependencies = {} } = manifest;
  const all = Object.entries({ ...dependencies, ...optionalDependencies, ...devDependencies });
  const siblings = all.filter(([name]) => name.startsWith("@streambed/"));
  const pinned = manifest.private === true ? all : Object.entries(devDependencies);
  const isExact = (version: string) => /^(npm:.+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version);
  return [
    ...siblings
      .filter(([, version]) => version !== "workspace:^")
      .map(([name, version]) => `${name} is ${version}, not workspace:^`),
    ...pinned
      .filter(([name, version]) => !name.startsWith("@streambed/") && !isExact(version))
      .map(([name, version]) => `${name} is not pinned exactly: ${version}`),
  ];
}

function quote(value: unknown): string {
  return JSON.stringify(value) ?? "missing";
}
