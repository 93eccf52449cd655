// Readers that come and go, in a process that has nothing else to do. Run with --expose-gc, and a URL.
import { getEventListeners } from "node:events";
import { readStream } from "../../src/index.ts";

const [, , url = ""] = process.argv;
const warnings: string[] = [];
process.on("warning", ({ name }) => warnings.push(name));
const shared = new AbortController();
const { signal } = shared;
const options = { url, signal, retryDelayMs: () => 60_000 };

async function comeAndGo(times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    // Every other one leaves while it waits for the second event.
    const reader = readStream(options);
    await reader.next();
    const pending = i % 2 === 0 ? reader.next().catch(() => {}) : undefined;
    await reader.return({ state: "done" });
    await pending;
  }
}

async function heap(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setTimeout(resolve, 30));
    globalThis.gc!();
  }
  return process.memoryUsage().heapUsed;
}

await comeAndGo(200);
const before = await heap();
await comeAndGo(1_000);
const after = await heap();

const several = Array.from({ length: 8 }, () => readStream(options));
await Promise.all(several.map((reader) => reader.next()));
await heap();
const during = getEventListeners(signal, "abort").length;
await Promise.all(several.map((reader) => reader.return({ state: "done" })));
const listeners = getEventListeners(signal, "abort").length;

const last = readStream(options);
await last.next();
const waiting = last.next().catch((error: unknown) => String(error));
shared.abort(new Error("left"));
const reason = await waiting;
console.log(JSON.stringify({ growth: after / before, during, listeners, warnings, reason }));
