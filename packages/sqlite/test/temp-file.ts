import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** A path for a database file in a directory of its own, which goes after the tests of this file. */
export function tempFile(name = "streams.db"): string {
  return join(tempDir(), name);
}

export function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "streambed-sqlite-"));
  dirs.push(dir);
  return dir;
}

const dirs: string[] = [];

afterAll(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
});
