import { mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** Path of the SQLite file, whose folder is there: `DATABASE_FILE`, or `.data/streambed.db` in `folder`. */
export function databaseFile(env: NodeJS.ProcessEnv, folder: string): string {
  const file = env.DATABASE_FILE || resolve(folder, ".data/streambed.db");
  mkdirSync(dirname(file), { recursive: true });
  return file;
}
