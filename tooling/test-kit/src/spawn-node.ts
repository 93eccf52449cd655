import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { killWithParent } from "./kill-with-parent.ts";

export interface SpawnNodeOptions {
  args?: readonly string[];
  /** Added to this process's environment; undefined takes a variable out. */
  env?: Record<string, string | undefined>;
  /** @default this process's */
  cwd?: string;
  /** Flags for Node itself, such as `["--expose-gc"]`. */
  nodeArgs?: readonly string[];
  /** The Node to run. @default this process's */
  node?: string;
}

export interface NodeExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A running child. `await using` kills it. */
export interface NodeProcess extends AsyncDisposable {
  pid: number;
  /** All that it wrote so far, line by line. */
  stdout: string[];
  stderr: string[];
  /** Resolves when it has ended and all its output has been read. */
  exited: Promise<NodeExit>;
  /**
   * The first line of either output that matches, also one that came earlier.
   * Rejects with all output when time is up or the process ends without it.
   * @param timeoutMs default 10 000
   */
  waitForLine(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>;
  /** Sends the signal (default SIGKILL) and waits for the end. */
  kill(signal?: NodeJS.Signals): Promise<NodeExit>;
}

/** Runs a file, TypeScript too, in a Node process of its own, which never outlives this one. */
export async function spawnNode(
  file: string | URL,
  options: SpawnNodeOptions = {},
): Promise<NodeProcess> {
  const path = file instanceof URL ? decodeURIComponent(file.pathname) : file;
  const child = spawn(
    options.node ?? process.execPath,
    [...(options.nodeArgs ?? []), path, ...(options.args ?? [])],
    {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const exited = once(child, "close").then(([code, signal]): NodeExit => ({ code, signal }));
  exited.catch(() => {});
  await once(child, "spawn");
  const pid = child.pid as number;
  child.once("exit", killWithParent(pid));
  const output = collectOutput(child);
  const kill = (signal: NodeJS.Signals = "SIGKILL"): Promise<NodeExit> => {
    child.kill(signal);
    return exited;
  };
  return { pid, ...output, exited, kill, [Symbol.asyncDispose]: async () => void (await kill()) };
}

function collectOutput(
  child: ChildProcess,
): Pick<NodeProcess, "stdout" | "stderr" | "waitForLine"> {
  const lines = { stdout: [] as string[], stderr: [] as string[] };
  const listeners = new Set<() => void>();
  const changed = (): void => listeners.forEach((listener) => listener());
  for (const name of ["stdout", "stderr"] as const) {
    const pipe = child[name];
    if (!pipe) continue;
    createInterface({ input: pipe }).on("line", (line) => {
      lines[name].push(line);
      changed();
    });
  }
  let ended = false;
  child.once("close", () => {
    // A last line without its line end may still be on its way.
    setImmediate(() => {
      ended = true;
      changed();
    });
  });
  return {
    ...lines,
    async waitForLine(pattern, timeoutMs = 10_000) {
      const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
      const fail = (why: string): void => {
        reject(
          new Error(
            `No line matched ${pattern}: ${why}.\n${[...lines.stdout, ...lines.stderr].join("\n")}`,
          ),
        );
      };
      const look = (): void => {
        for (const line of [...lines.stdout, ...lines.stderr]) {
          const match = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, "")).exec(line);
          if (match) return resolve(match);
        }
        if (ended) fail("the process ended");
      };
      const timer = setTimeout(() => fail(`not within ${timeoutMs} ms`), timeoutMs);
      listeners.add(look);
      look();
      return promise.finally(() => {
        clearTimeout(timer);
        listeners.delete(look);
      });
    },
  };
}
