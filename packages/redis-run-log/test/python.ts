import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { pythonWithRedis } from "@streambed/test-kit";
import { inject, onTestFinished } from "vitest";

const PROGRAM = fileURLToPath(new URL("letta.py", import.meta.url));

type Chunk = [data: string, complete?: boolean];

/** A Python process that writes a run, for one test. */
export interface PythonWriter {
  /** Writes chunks in one flush, and resolves to the seq of the last. None: a restart, which counts from 1 again. */
  write(...chunks: Chunk[]): Promise<number>;
}

export async function pythonWriter(key: string): Promise<PythonWriter> {
  const { say, lines } = await python("write", key);
  return {
    async write(...chunks) {
      say(JSON.stringify(chunks));
      const { value, done } = await lines.next();
      if (done === true) throw new Error("the Python writer has ended");
      return Number(value);
    },
  };
}

/** What a Python process reads of a run, up to its end. */
export async function* pythonReader(
  key: string,
  startingAfter = 0,
): AsyncGenerator<{ seq: number; data: string }, void, undefined> {
  const { lines } = await python("read", key, String(startingAfter));
  for await (const line of lines) {
    const [seq, data] = JSON.parse(line) as [number, string];
    yield { seq, data };
  }
}

async function python(mode: string, key: string, ...more: string[]) {
  const { program, env } = await pythonWithRedis();
  const child = spawn(program, [PROGRAM, mode, inject("redisUrl"), key, ...more], {
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return { say: (line: string) => void child.stdin.write(`${line}\n`), lines };
}
