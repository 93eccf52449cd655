// Writes something, then has nothing more to do: does the process end, and is all stored by then?
import { Redis } from "@upstash/redis";
import { pipeRun, RunLogWriter } from "../src/index.ts";

const { url, prefix, how } = JSON.parse(process.env.EXIT!) as Record<
  "url" | "prefix" | "how",
  string
>;
// Over REST: no open connection keeps the process alive.
const redis = new Redis({ url, token: "test-token" });
if (how === "pipes") {
  const source = async function* (): AsyncGenerator<string> {
    yield "data: a\n\n";
    yield "data: b\n\n";
    await new Promise(() => {});
  };
  await pipeRun({ redis, runId: "r", source, prefix, flushIntervalMs: 100 });
} else {
  const writer = new RunLogWriter(redis, { prefix, flushIntervalMs: 100 });
  await writer.writeChunk("r", "data: a\n\n");
  await writer.writeChunk("r", "data: b\n\n");
}
