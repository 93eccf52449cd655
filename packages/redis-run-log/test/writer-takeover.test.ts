import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { until } from "../../redis-stream-store/test/support-clients.ts";
import { pipeRun, readRunLog, RunLogWriter } from "../src/index.ts";
import { asEntries, DONE, LOST, setUpWriting, sse, codeOf } from "./support-writing.ts";
import type { Writing } from "./support-writing.ts";

const LEASE_MS = 1_500;
const SOON = { leaseMs: LEASE_MS, flushIntervalMs: 10 };

/** A writer over a connection of its own, which can be cut off from Redis: to all others it is dead. */
async function mortal(on: Writing, test: Parameters<typeof setUpWriting>[0]) {
  const own = await setUpWriting(test);
  const writer = new RunLogWriter(own.client, { ...SOON, prefix: on.prefix, timeoutMs: 200 });
  test.onTestFinished(async () => {
    own.endpoint.proxy.blackhole(false);
    await writer.stop().catch(() => {});
  });
  return { writer, freeze: (is: boolean) => own.endpoint.proxy.blackhole(is) };
}

it.concurrent("of many writers that race for a run exactly one wins", async (test) => {
  const on = await setUpWriting(test);
  for (let round = 0; round < 5; round++) {
    const writers = Array.from({ length: 20 }, () => on.writer(SOON));
    const outcomes = await Promise.allSettled(
      writers.map((writer, i) => writer.writeChunk(`r${round}`, sse(`from ${i}`))),
    );
    const winner = outcomes.findIndex(({ status }) => status === "fulfilled");
    const refused = outcomes.filter(
      (outcome) => outcome.status === "rejected" && outcome.reason.code === "ALREADY_EXISTS",
    );
    expect(refused).toHaveLength(19);
    await writers.at(winner)?.stop();
    expect(await on.entries(`r${round}`)).toEqual(asEntries([sse(`from ${winner}`)]));
    // And once that one has left, the race begins anew.
    const again = await Promise.allSettled(
      writers.map(async (writer) => {
        writer.start();
        return await writer.writeChunk(`r${round}`, sse("again"));
      }),
    );
    const seqs = again.flatMap((outcome) => (outcome.status === "fulfilled" ? outcome.value : []));
    expect(seqs).toEqual([2]);
  }
});

it.concurrent("a living writer keeps its run, however long it has nothing to write", async (test) => {
  const on = await setUpWriting(test);
  await on.writer(SOON).writeChunk("r", sse("a"));
  const rival = on.writer(SOON);
  const over = performance.now() + 3 * LEASE_MS;
  while (performance.now() < over) {
    await expect(rival.writeChunk("r", sse("b"))).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
    await sleep(50);
  }
  expect(await on.onlooker.getStatus("r")).toMatchObject({ state: "active" });
});

it.concurrent("a silent writer's run goes to the next one, with the next seq; what it sends later is FENCED", async (test) => {
  const on = await setUpWriting(test);
  const { writer: old, freeze } = await mortal(on, test);
  await old.writeChunk("r", sse("a"));
  await old.writeChunk("r", sse("b"));
  await until(async () => (await on.entries("r")).length === 2);
  freeze(true);
  await old.writeChunk("r", sse("too late"));
  const next = on.writer(SOON);
  const refused = await seqOrCode(next.writeChunk("r", sse("c")));
  expect(refused).toBe("ALREADY_EXISTS");
  await until(async () => (await seqOrCode(next.writeChunk("r", sse("c")))) === 3);
  freeze(false);
  await until(async () => typeof (await seqOrCode(old.writeChunk("r", sse("later")))) === "string");
  expect(await seqOrCode(old.writeChunk("r", sse("later")))).toMatch(/^(FENCED|UNAVAILABLE)$/);
  expect(await seqOrCode(old.markComplete("r"))).toMatch(/^(FENCED|UNAVAILABLE)$/);
  await next.markComplete("r");
  expect(await on.entries("r")).toEqual(
    asEntries([sse("a"), sse("b"), sse("c"), DONE], { complete: true }),
  );
});

it.concurrent("a writer that slept through the life of another is FENCED, also if that one has left again", async (test) => {
  const on = await setUpWriting(test);
  // It has nothing to send, so that it does not give up: its long lease is what it believes in.
  const own = await setUpWriting(test);
  const old = new RunLogWriter(own.client, {
    prefix: on.prefix,
    leaseMs: LEASE_MS,
    timeoutMs: 5_000,
  });
  test.onTestFinished(() => old.stop().catch(() => {}));
  await old.writeChunk("r", sse("a"));
  await until(async () => (await on.entries("r")).length === 1);
  own.endpoint.proxy.blackhole(true);
  const next = on.writer({ ...SOON, leaseMs: 60_000 });
  await until(async () => (await seqOrCode(next.writeChunk("r", sse("b")))) === 2);
  await next.stop();
  own.endpoint.proxy.blackhole(false);
  // Its next heartbeat, which has been waiting, tells it; what it writes is not stored.
  await until(
    async () => typeof (await seqOrCode(old.writeChunk("r", sse("zombie")))) === "string",
  );
  expect(await seqOrCode(old.writeChunk("r", sse("zombie")))).toBe("FENCED");
  expect(await on.entries("r")).toEqual(asEntries([sse("a"), sse("b")]));
  // Who is no zombie goes on.
  expect(await on.writer().writeChunk("r", sse("c"))).toBe(3);
});

it.concurrent("after stop() anyone goes on at once, the same object too", async (test) => {
  const on = await setUpWriting(test);
  const first = on.writer();
  for (let n = 1; n <= 3; n++) expect(await first.writeChunk("r", sse(`${n}`))).toBe(n);
  await first.stop();
  const second = on.writer();
  expect(await second.writeChunk("r", sse("4"))).toBe(4);
  await second.stop();
  first.start();
  expect(await first.writeChunk("r", sse("5"))).toBe(5);
  await first.stop();
  expect(await on.entries("r")).toEqual(asEntries([1, 2, 3, 4, 5].map((n) => sse(`${n}`))));
});

it.concurrent("a run whose writer is gone ends as producer lost, after twice the lease, and nobody goes on", async (test) => {
  const on = await setUpWriting(test);
  const { writer: old, freeze } = await mortal(on, test);
  await old.writeChunk("r", sse("a"));
  await until(async () => (await on.entries("r")).length === 1);
  freeze(true);
  const startedAt = performance.now();
  const seen: string[] = [];
  const reader = readRunLog(on.client, "r", { prefix: on.prefix });
  let next = await reader.next();
  for (; next.done !== true; next = await reader.next()) seen.push(next.value.data);
  expect(seen).toEqual([sse("a"), LOST]);
  expect(next.value).toMatchObject({ state: "error", error: "producer lost" });
  const took = performance.now() - startedAt;
  // The last heartbeat may be a third of a lease old.
  expect(took).toBeGreaterThan(1.5 * LEASE_MS);
  expect(took).toBeLessThan(2 * LEASE_MS + 3_000);
  expect(await on.entries("r")).toEqual(asEntries([sse("a"), LOST], { complete: true }));
  await expect(on.writer().writeChunk("r", sse("b"))).rejects.toMatchObject({ code: "NOT_ACTIVE" });
  freeze(false);
  await until(async () => typeof (await seqOrCode(old.writeChunk("r", sse("b")))) === "string");
  expect(await on.entries("r")).toHaveLength(2);
});

it.concurrent("a writer that stops and is not followed leaves a run that ends as producer lost", async (test) => {
  const on = await setUpWriting(test);
  const writer = on.writer({ ...SOON, idleTimeoutMs: 400 });
  await writer.writeChunk("r", sse("a"));
  await writer.stop();
  await until(async () => (await on.onlooker.getStatus("r"))?.state === "error");
  expect(await on.entries("r")).toEqual(asEntries([sse("a"), LOST], { complete: true }));
});

it.concurrent("a piped run is nobody's to go on with, and a written one not pipeRun's", async (test) => {
  const on = await setUpWriting(test);
  const piped = await pipeRun({
    ...{ redis: on.client, prefix: on.prefix, runId: "piped", leaseMs: 60_000 },
    source: silent,
  });
  await expect(on.writer(SOON).writeChunk("piped", sse("b"))).rejects.toMatchObject({
    code: "ALREADY_EXISTS",
  });
  await piped.stop();
  expect(await piped.finished).toEqual({ state: "stopped", totalChunks: 1 });
  const writer = on.writer();
  await writer.writeChunk("written", sse("a"));
  const pipe = (): Promise<unknown> =>
    pipeRun({ redis: on.client, prefix: on.prefix, runId: "written", source: silent });
  await expect(pipe()).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
  await writer.markComplete("written");
  await expect(pipe(), "a run that has ended").rejects.toMatchObject({ code: "ALREADY_EXISTS" });
});

it.concurrent("a run of Python's server is gone on with once that has been silent for idleTimeoutMs, unless it is over", async (test) => {
  const on = await setUpWriting(test);
  const add = (run: string, seq: number, data: string, ...more: string[]): Promise<unknown> =>
    on.raw.command(
      ...["XADD", `${on.prefix}:${run}`, "*", "seq_id", seq, "data", data, "timestamp", Date.now()],
      ...more,
    );
  await add("over", 1, sse("a"));
  await add("over", 2, DONE, "complete", "true");
  for (const seq of [1, 2, 3]) await add("open", seq, sse(`${seq}`));
  const writer = on.writer({ leaseMs: 100, idleTimeoutMs: 1_000 });
  expect(await seqOrCode(writer.writeChunk("over", sse("x")))).toBe("NOT_ACTIVE");
  expect(await seqOrCode(writer.writeChunk("open", sse("x")))).toBe("ALREADY_EXISTS");
  await until(async () => (await seqOrCode(writer.writeChunk("open", sse("4")))) === 4);
  await writer.markComplete("open");
  expect(await on.entries("open")).toEqual(
    asEntries([...[1, 2, 3, 4].map((n) => sse(`${n}`)), DONE], { complete: true }),
  );
  expect(await on.entries("over")).toHaveLength(2);
});

async function* silent(): AsyncGenerator<string> {
  await new Promise<never>(() => {});
  yield "";
}

/** The seq of a chunk, or the code of what it was refused with. */
async function seqOrCode(writing: Promise<number | void>): Promise<number | string> {
  return writing.then((seq) => seq ?? 0, codeOf);
}
