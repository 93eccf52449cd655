import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the repository. */
export const ROOT: string = fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, "");
/** Where reports go; git ignores it. */
export const RESULTS: string = join(ROOT, "test-results");

export interface RunResult {
  /** null: killed, or it could not be started. */
  code: number | null;
  output: string;
}

interface RunOptions {
  cwd?: string;
  /** Let the user see the output as it comes, instead of returning it. */
  show?: boolean;
  timeoutMs?: number;
}

/** Runs a command without standard input, and never rejects. A bare name is looked for in node_modules/.bin. */
export function run(command: string, args: string[], options: RunOptions = {}): Promise<RunResult> {
  const { promise, resolve } = Promise.withResolvers<RunResult>();
  const output = options.show === true ? "inherit" : "pipe";
  const child = spawn(command, args, {
    cwd: options.cwd ?? ROOT,
    stdio: ["ignore", output, output],
    timeout: options.timeoutMs ?? 10 * 60_000,
    env: {
      ...process.env,
      PATH: `${join(ROOT, "node_modules/.bin")}:${process.env["PATH"] ?? ""}`,
      TURBO_TELEMETRY_DISABLED: "1",
    },
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  }
  child.on("error", (error) => resolve({ code: null, output: `${text}${error.message}` }));
  child.on("close", (code) => resolve({ code, output: text }));
  return promise;
}

/** What a step has to say of a command: nothing if it succeeded. */
export function complaint({ code, output }: RunResult): string[] {
  if (code === 0) return [];
  return [`${output.trim()}\n(${code === null ? "killed" : `exit code ${code}`})`.trim()];
}
