// A producer of a run: writes "chunk 1", "chunk 2"… and tells on stdout what becomes of each.
import { Redis } from "ioredis";
import { pipeRun, RunLogWriter } from "../src/index.ts";

export interface RunProducerOptions {
  url: string;
  prefix: string;
  how: "writes" | "pipes";
  leaseMs: number;
  flushIntervalMs: number;
  /** Pause between two chunks. */
  everyMs: number;
  /** After this many chunks it has nothing more to say. */
  chunks: number;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const pause = (ms: number): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, ms));
const codeOf = (error: unknown): string => String((error as { code?: string }).code ?? error);

const options = JSON.parse(process.env.PRODUCER!) as RunProducerOptions;
const { url, how, everyMs, chunks, ...writing } = options;
const client = new Redis(url);

async function* source(signal: AbortSignal): AsyncGenerator<string> {
  signal.addEventListener("abort", () => say("aborted"));
  for (let n = 1; n <= chunks; n++) {
    say(`accepted ${n}`);
    yield `data: chunk ${n}\n\n`;
    await pause(everyMs);
  }
  await new Promise(() => {});
}

// As a model's connection would: no timer of ours keeps a process alive.
setInterval(() => {}, 60_000);
if (how === "pipes") {
  const { finished } = await pipeRun({ redis: client, runId: "r", source, ...writing });
  await finished.then(
    ({ state }) => say(`finished ${state}`),
    (error: unknown) => say(`finished ${codeOf(error)}`),
  );
} else {
  const writer = new RunLogWriter(client, writing);
  try {
    for (let n = 1; n <= chunks; n++) {
      say(`accepted ${await writer.writeChunk("r", `data: chunk ${n}\n\n`)}`);
      await pause(everyMs);
    }
    await new Promise(() => {});
  } catch (error) {
    say(`refused ${codeOf(error)}`);
  }
  // What a producer would try that does not give up.
  for (const again of ["x", "y"]) {
    await writer.writeChunk("r", again).catch((error: unknown) => say(`refused ${codeOf(error)}`));
  }
  await writer.markComplete("r").catch((error: unknown) => say(`refused ${codeOf(error)}`));
  await writer.stop().catch(() => {});
}
say("exhausted");
process.exit();
