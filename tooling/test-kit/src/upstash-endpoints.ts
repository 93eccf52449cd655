import type { RespValue } from "./resp-parser.ts";
import { readCommand, readCommands, whyRefused } from "./upstash-commands.ts";
import { toUpstashReply, type UpstashReply } from "./upstash-reply.ts";

export interface UpstashAnswer {
  status: number;
  body: UpstashReply | UpstashReply[];
}

/** One request: its commands, and how to carry them out. */
export interface UpstashCall {
  commands: string[][];
  answer(run: RunCommands, base64: boolean): Promise<UpstashAnswer>;
}

/** Sends commands to Redis all at once. An error reply is a value. */
export type RunCommands = (commands: string[][]) => Promise<RespValue[]>;

/** Reads a request to `/`, `/pipeline` or `/multi-exec`; undefined when it is not a valid one. */
export function readCall(endpoint: string, body: unknown): UpstashCall | undefined {
  const single = endpoint === "" ? readCommand(body) : undefined;
  const commands = single ? [single] : readCommands(body);
  if (!commands) return undefined;
  if (single) return { commands, answer: (run, base64) => answerSingle(single, run, base64) };
  if (endpoint === "pipeline") {
    return {
      commands,
      answer: async (run, base64) => ({ status: 200, body: await runEach(commands, run, base64) }),
    };
  }
  if (endpoint === "multi-exec") {
    return { commands, answer: (run, base64) => answerTransaction(commands, run, base64) };
  }
  return undefined;
}

async function answerSingle(
  command: string[],
  run: RunCommands,
  base64: boolean,
): Promise<UpstashAnswer> {
  const [body] = (await runEach([command], run, base64)) as [UpstashReply];
  return { status: "error" in body ? 400 : 200, body };
}

async function answerTransaction(
  commands: string[][],
  run: RunCommands,
  base64: boolean,
): Promise<UpstashAnswer> {
  const refused = commands.map(whyRefused).find(Boolean);
  if (refused) return { status: 400, body: { error: refused } };
  const values = (await run([["MULTI"], ...commands, ["EXEC"]])).at(-1) as RespValue;
  if (!Array.isArray(values)) return { status: 400, body: toUpstashReply(values, base64) };
  return { status: 200, body: values.map((value) => toUpstashReply(value, base64)) };
}

/** Commands that are refused do not keep the others from being carried out. */
async function runEach(
  commands: string[][],
  run: RunCommands,
  base64: boolean,
): Promise<UpstashReply[]> {
  const values = await run(commands.filter((command) => !whyRefused(command)));
  return commands.map((command) => {
    const error = whyRefused(command);
    return error ? { error } : toUpstashReply(values.shift() as RespValue, base64);
  });
}
