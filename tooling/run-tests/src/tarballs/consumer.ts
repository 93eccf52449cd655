import { cpSync, existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { complaint, ROOT, run } from "../repository.ts";
import { supports } from "./nodes.ts";
import type { Packed } from "./pack.ts";

/** A project of a user's, outside of the repository. */
export interface Consumer {
  folder: string;
  packages: Packed[];
}

/**
 * Installs the tarballs as pnpm would: each package sees its declared dependencies and peers, and
 * nothing else. No network: others' packages are those that the workspace has installed.
 */
export function createConsumer(work: string, packages: Packed[]): Consumer {
  const folder = join(work, "consumer");
  const placeOf = ({ name, manifest }: Packed) =>
    join(folder, "store", name, "node_modules", manifest.name);
  for (const packed of packages) cpSync(packed.folder, placeOf(packed), { recursive: true });
  for (const packed of packages) {
    const { dependencies = {}, peerDependencies = {} } = packed.manifest;
    for (const name of Object.keys({ ...dependencies, ...peerDependencies })) {
      const sibling = packages.find(({ manifest }) => manifest.name === name);
      const target = sibling === undefined ? findInstalled(packed.name, name) : placeOf(sibling);
      link(target, join(folder, "store", packed.name, "node_modules", name));
    }
    link(placeOf(packed), join(folder, "node_modules", packed.manifest.name));
  }
  link(join(ROOT, "node_modules/@types/node"), join(folder, "node_modules/@types/node"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module", "private": true }');
  return { folder, packages };
}

function findInstalled(packageName: string, name: string): string {
  const places = [join(ROOT, "packages", packageName), ROOT];
  const found = places
    .map((place) => join(place, "node_modules", name))
    .find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${packageName} needs ${name}, and nobody installed it`);
  return realpathSync(found);
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path, "dir");
}

/** `@streambed/core`, `@streambed/core/codec`, … */
function entriesOf({ manifest }: Packed): string[] {
  return Object.keys(manifest.exports ?? {}).map((entry) => manifest.name + entry.slice(1));
}

/** Each entry loads, on a Node that its package supports. */
export async function importEntries(
  { folder, packages }: Consumer,
  version: string,
  binary: string,
): Promise<string[]> {
  const supported = packages.filter(({ manifest }) =>
    supports(manifest.engines?.node ?? ">=0", version),
  );
  const entries = supported.flatMap(entriesOf);
  const script = entries.map((entry) => `await load(${JSON.stringify(entry)});`);
  writeFileSync(join(folder, "entries.js"), [LOAD, ...script].join("\n"));
  const result = await run(binary, ["entries.js"], { cwd: folder, timeoutMs: 60_000 });
  return entries.length === 0 ? ["no package supports it"] : complaint(result);
}

const LOAD = `async function load(entry) {
  try {
    await import(entry);
  } catch (error) {
    console.error(entry, error);
    process.exitCode = 1;
  }
}`;

/** The packed core and memory store carry a stream from one end to the other. */
export function runSmoke({ folder }: Consumer, binary: string): Promise<string[]> {
  writeFileSync(join(folder, "smoke.js"), SMOKE);
  return run(binary, ["smoke.js"], { cwd: folder, timeoutMs: 60_000 }).then(complaint);
}

const SMOKE = `import { strictEqual } from "node:assert";
import { createDurableStream, resumeDurableStream } from "@streambed/core";
import { MemoryStreamStore } from "@streambed/memory";

const store = new MemoryStreamStore();
async function* source() {
  yield "Hello";
  yield ", world";
}
const { id, response, finished } = await createDurableStream({ store, source: source() });
const live = await response.text();
strictEqual((await finished).state, "done");
const late = await (await resumeDurableStream({ store, id, after: 0 })).text();
for (const text of [live, late]) {
  strictEqual(text.includes("Hello") && text.includes("world"), true, text);
}
`;

/** Every entry type-checks in a strict project that also checks the declarations themselves. */
export async function checkConsumerTypes(
  { folder, packages }: Consumer,
  resolution: "NodeNext" | "Bundler",
): Promise<string[]> {
  const lines = packages
    .flatMap(entriesOf)
    .map((entry, index) => `import * as e${index} from "${entry}";\nconsole.log(e${index});`);
  writeFileSync(join(folder, "entries.ts"), lines.join("\n"));
  const compilerOptions = {
    target: "ES2023",
    lib: ["ES2024", "DOM", "DOM.Iterable", "DOM.AsyncIterable", "ESNext.Disposable"],
    types: ["node"],
    module: resolution === "NodeNext" ? "NodeNext" : "ESNext",
    moduleResolution: resolution,
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
  };
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions, files: ["entries.ts"] }),
  );
  const result = await run("tsc", ["-p", ".", "--pretty", "false"], { cwd: folder });
  // Others' declarations are theirs to mend.
  const ours = result.output
    .split("\n")
    .filter((line) => /^(entries\.ts|error |[^(]*@streambed\/)/.test(line));
  return result.code === null ? complaint(result) : ours;
}
