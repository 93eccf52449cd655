import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { createRequire } from "node:module";

export interface NodeBinary {
  version: string;
  /** None: the npm packages with the older versions are for Linux on x64, and optional. */
  binary: string | undefined;
}

/** The Node that runs this, and the older ones that packages may say they support. */
export function findNodes(): NodeBinary[] {
  const older = ["node22", "node20"].map((name) => ({
    version: name.replace("node", ""),
    binary: findBinary(name),
  }));
  return [{ version: process.versions.node, binary: process.execPath }, ...older];
}

function findBinary(name: string): string | undefined {
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
    const binary = join(dirname(manifest), "bin/node");
    return existsSync(binary) ? binary : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a Node of `version` ("20", "24.1.0") may install a package whose engines say `range` (">=22.13"). */
export function supports(range: string, version: string): boolean {
  const wanted = /^>=\s*(\d+)(?:\.(\d+))?/.exec(range);
  if (wanted === null) throw new Error(`engines.node is not of the form >=x.y: ${range}`);
  const [major = 0, minor = Infinity] = version.split(".").map(Number);
  const [, wantedMajor = "0", wantedMinor = "0"] = wanted;
  return (
    major > Number(wantedMajor) || (major === Number(wantedMajor) && minor >= Number(wantedMinor))
  );
}
