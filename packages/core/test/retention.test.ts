import { getEventListeners } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test, vi } from "vitest";
import { createDurableStream, resumeDurableStream } from "../src/index.ts";
import { FaultyStore } from "./support/faulty-store.ts";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;
const COUNT = 1_000;

async function collect(): Promise<void> {
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    gc();
  }
}

/** One generation of each sort, of which only weak references are kept. */
async function generate(store: FaultyStore, i: number): Promise<WeakRef<object>[]> {
  const big = Array.from({ length: 1_000 }, () => i);
  let signal: AbortSignal | undefined;
  const source = async function* (given: AbortSignal): AsyncGenerator<string> {
    signal = given;
    yield `a ${big.length}`;
    if (i % 4 === 1) throw new Error("it fails");
    // Stopped while it is silent, and it never comes back.
    if (i % 4 === 2) await new Promise(() => {});
    yield "b";
  };
  const { id, response, finished, stop } = await createDurableStream({ store, source });
  if (i % 2 === 0) void response.text();
  if (i % 3 === 0) await (await resumeDurableStream({ store, id })).body?.cancel();
  if (i % 4 === 2) await stop();
  await finished;
  if (signal === undefined) return expect.fail("the source was not asked");
  expect(getEventListeners(signal, "abort").length).toBeLessThanOrEqual(1);
  return [big, source, signal, response, finished].map((one) => new WeakRef<object>(one));
}

test("a thousand finished generations leave their chunks, and nothing else", async () => {
  const set = vi.spyOn(globalThis, "setInterval");
  const clear = vi.spyOn(globalThis, "clearInterval");
  const store = new FaultyStore();
  const alive: WeakRef<object>[] = [];
  for (let i = 0; i < COUNT; i++) alive.push(...(await generate(store, i)));
  await collect();
  const left = alive.filter((reference) => reference.deref() !== undefined).length;
  // The last of them may still be on the stack.
  expect(left).toBeLessThanOrEqual(10);
  expect(store.size).toBe(COUNT);
  // No heartbeat goes on.
  const cleared = new Set<unknown>(clear.mock.calls.map(([timer]) => timer));
  expect(set.mock.results.filter(({ value }) => !cleared.has(value))).toEqual([]);
  vi.restoreAllMocks();
});
