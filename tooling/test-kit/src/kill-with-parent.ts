import { spawn } from "node:child_process";

/** Reads until its input closes, which happens however this process ends; a line instead of the end calls the guard off. */
const GUARD = `trap '' INT TERM HUP; read -r line || { kill -9 "$0" 2>/dev/null; rm -rf "$1"; }`;

/**
 * Makes sure that process `pid` dies with this one, also when this one is killed and no exit handler runs.
 * `folder`, if given, is removed then too.
 * Call the returned function once the process has ended.
 */
export function killWithParent(pid: number, folder = ""): () => void {
  const guard = spawn("sh", ["-c", GUARD, String(pid), folder], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  guard.on("error", () => {});
  guard.stdin.on("error", () => {});
  guard.unref();
  (guard.stdin as unknown as { unref(): void }).unref();
  return () => guard.stdin.end("done\n");
}
