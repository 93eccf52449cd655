import { expect, test, vi } from "vitest";
import { readStream, startStream, StreamClientError } from "../src/index.ts";
import { outcomeOf } from "./support/answers.ts";
import type { Outcome } from "./support/answers.ts";
import { cuttingProxy } from "./support/cutting-proxy.ts";
import type { CuttingProxyOptions } from "./support/cutting-proxy.ts";
import { ERROR, EVENTS, recordedStreams } from "./support/recorded-streams.ts";
import type { Ending } from "./support/recorded-streams.ts";

// Thousands of connections: a busy machine takes its time.
vi.setConfig({ testTimeout: 120_000 });

const AT_ONCE = { retryDelayMs: () => 0 };
const WHOLE = () => Infinity;
const ABREAST = 16;

const onceAfter =
  (bytes: number) =>
  (connection: number): number =>
    connection === 0 ? bytes : Infinity;

/** Runs `attempt` for each position of a response, several at a time. */
async function everywhere(
  from: number,
  length: number,
  attempt: (at: number) => Promise<void>,
): Promise<void> {
  let next = from;
  const run = async (): Promise<void> => {
    while (next <= length) await attempt(next++);
  };
  await Promise.all(Array.from({ length: ABREAST }, run));
}

/** What there is to say of an outcome that is not the whole answer, ended as it was. */
function faultOf({ events, end, error }: Outcome, ending: Ending): string | undefined {
  const all = EVENTS.map((one, index) => ({ seq: index + 1, ...one }));
  if (JSON.stringify(events) !== JSON.stringify(all)) return JSON.stringify(events);
  const isStored = StreamClientError.is(error, "FAILED") && error.message === ERROR;
  if (ending === "error" ? isStored : end === ending) return undefined;
  return `${end} ${String(error)}`;
}

const FIN: CuttingProxyOptions = { untilClose: true };
const RST: CuttingProxyOptions = { reset: true };

test.each([
  ["done, by FIN, where a body ends with its connection", "done", FIN],
  ["stopped, by FIN, where a body ends with its connection", "stopped", FIN],
  ["an error, by FIN, where a body ends with its connection", "error", FIN],
  ["an error, by RST, in a body in chunks", "error", RST],
] as const)("cut once after any byte: %s", async (_, ending, how) => {
  const origin = await recordedStreams();
  const path = `/stream/resume?id=${ending}`;
  await using whole = await cuttingProxy(origin, WHOLE, how);
  const outcome = await outcomeOf(readStream({ url: whole.origin + path }));
  expect(faultOf(outcome, ending)).toBe(undefined);
  const [length = 0] = whole.given;
  expect(length).toBeGreaterThan(600);
  expect(length).toBeLessThan(4_096);

  const faults: string[] = [];
  let connections = 0;
  // Before their ends they are the same.
  const from = ending === "done" || how === RST ? 0 : length - 250;
  await everywhere(from, length, async (at) => {
    await using proxy = await cuttingProxy(origin, onceAfter(at), how);
    const reader = readStream({ url: proxy.origin + path, ...AT_ONCE, maxRetries: 1 });
    const fault = faultOf(await outcomeOf(reader), ending);
    if (fault !== undefined) faults.push(`after ${at}: ${fault}`);
    connections += proxy.given.length;
  });
  expect(faults).toEqual([]);
  // All but those that were cut when they had all.
  expect(connections).toBeGreaterThan(1.6 * (length - from));
});

test.each([
  ["by FIN", FIN],
  ["by RST", RST],
])("an answer that is begun, cut once after any byte %s, is asked for once", async (_, how) => {
  const origin = await recordedStreams();
  await using whole = await cuttingProxy(origin, WHOLE, how);
  const stream = await startStream({ url: `${whole.origin}/stream`, body: "done" });
  expect(faultOf(await outcomeOf(stream), "done")).toBe(undefined);
  const length = whole.given[0] ?? 0;
  const head = whole.heads[0] ?? 0;
  expect(head).toBeGreaterThan(100);

  const faults: string[] = [];
  await everywhere(0, length, async (at) => {
    await using proxy = await cuttingProxy(origin, onceAfter(at), how);
    const begun = startStream({ url: `${proxy.origin}/stream`, body: "done", ...AT_ONCE });
    const outcome = await begun.then(outcomeOf, (error: unknown) => ({ error }) as Outcome);
    const isRefused = StreamClientError.is(outcome.error, "UNAVAILABLE");
    const fault = at >= head ? faultOf(outcome, "done") : isRefused ? undefined : "not refused";
    if (fault !== undefined) faults.push(`after ${at}: ${fault}`);
    const [first, ...others] = proxy.requests;
    if (first !== "POST /stream") faults.push(`after ${at}: ${first}`);
    if (others.some((request) => !request.startsWith("GET "))) faults.push(others.join());
    if (at < head && others.length > 0) faults.push(`after ${at}: ${others.join()}`);
  });
  expect(faults).toEqual([]);
});

test.each([
  ["by FIN", FIN],
  ["by RST", RST],
])("cut each time %s, a little later, gives the whole answer", async (_, how) => {
  const origin = await recordedStreams();
  const path = `/stream/resume?id=error`;
  await using whole = await cuttingProxy(origin, WHOLE, how);
  await outcomeOf(readStream({ url: whole.origin + path }));
  const [head = 0] = whole.heads;
  const first = head + 200;
  await using proxy = await cuttingProxy(origin, (connection) => first + 3 * connection, how);
  const reader = readStream({ url: proxy.origin + path, ...AT_ONCE, maxRetries: 2 });
  expect(faultOf(await outcomeOf(reader), "error")).toBe(undefined);
  expect(proxy.given.length).toBeGreaterThan(3);
});

test.each([0, 1, 5])("cut each time before the first event, after 1 and %i more", async (more) => {
  const origin = await recordedStreams();
  await using proxy = await cuttingProxy(origin, () => 20, RST);
  const url = `${proxy.origin}/stream/resume?id=done`;
  const outcome = await outcomeOf(readStream({ url, ...AT_ONCE, maxRetries: more }));
  expect(outcome).toMatchObject({ events: [], code: "UNAVAILABLE" });
  expect((outcome.error as Error).cause).toBeInstanceOf(Error);
  expect(proxy.requests).toHaveLength(more + 1);
});

test("whoever gets something has all attempts again", async () => {
  const origin = await recordedStreams();
  await using whole = await cuttingProxy(origin, WHOLE);
  const path = `/stream/resume?id=done`;
  await outcomeOf(readStream({ url: whole.origin + path }));
  const [head = 0] = whole.heads;
  const some = head + 200;
  // Two that bring nothing, one that brings something, three that bring nothing.
  const budgets = [20, 20, some, 20, 20, 20];
  await using proxy = await cuttingProxy(origin, (connection) => budgets[connection] ?? Infinity);
  const url = proxy.origin + path;
  const outcome = await outcomeOf(readStream({ url, ...AT_ONCE, maxRetries: 3 }));
  expect(outcome.code).toBe("UNAVAILABLE");
  expect(outcome.events.length).toBeGreaterThan(0);
  expect(proxy.requests).toHaveLength(6);
});
