import { execFile } from "node:child_process";

export interface CommandResult {
  /** 0 when it went well; null when it could not start, was killed or ran out of time. */
  code: number | null;
  /** What it wrote, standard output first. */
  output: string;
}

export interface CommandOptions {
  /** @default 120_000 */
  timeoutMs?: number;
  env?: NodeJS.ProcessEnv;
}

/** Runs a program to its end. A failure is a result, not an exception. */
export function runCommand(
  file: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const { promise, resolve } = Promise.withResolvers<CommandResult>();
  const settings = {
    timeout: options.timeoutMs ?? 120_000,
    env: { ...process.env, ...options.env },
    maxBuffer: 64 << 20,
  };
  execFile(file, args, settings, (error, stdout, stderr) => {
    if (!error) return resolve({ code: 0, output: stdout + stderr });
    const code = typeof error.code === "number" ? error.code : null;
    resolve({ code, output: `${stdout}${stderr}${code === null ? error.message : ""}` });
  });
  return promise;
}
