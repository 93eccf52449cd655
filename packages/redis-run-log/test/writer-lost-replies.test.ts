import { setTimeout as sleep } from "node:timers/promises";
import type { UpstashClient } from "@streambed/redis-driver";
import { describe, expect, it } from "vitest";
import { interrupted } from "../../redis-stream-store/test/support-lost-replies.ts";
import { SCRIPT_CLIENTS, until } from "../../redis-stream-store/test/support-clients.ts";
import { pipeRun, RedisRunLogStore, RunLogWriter } from "../src/index.ts";
import { appendScript, deleteScript, openScript, releaseScript } from "../src/scripts.generated.ts";
import {
  asEntries,
  chunksOf,
  DONE,
  losesEveryWrite,
  setUpWriting,
  sse,
} from "./support-writing.ts";
import type { Writing } from "./support-writing.ts";

/** Every script is known to the server, so that each attempt is one request. */
async function warm({ client, prefix, onlooker }: Writing): Promise<void> {
  const writer = new RunLogWriter(client, { prefix });
  await writer.writeChunk("warm", sse("x"));
  await writer.stop();
  await onlooker.stop("warm");
  await onlooker.delete("warm");
}

describe.concurrent.each(SCRIPT_CLIENTS)(
  "%s, and every write loses its first reply",
  { timeout: 40_000 },
  (kind) => {
    it("a run: nothing twice, nothing lost, in order", async (test) => {
      const on = await setUpWriting(test, { kind });
      await warm(on);
      const writer = on.writer({ flushIntervalMs: 20, flushSize: 7 });
      const count = losesEveryWrite(on.endpoint);
      const chunks = chunksOf(30);
      for (const [i, chunk] of chunks.entries()) {
        expect(await writer.writeChunk("r", chunk)).toBe(i + 1);
        if (i % 10 === 0) await sleep(40);
      }
      await writer.markComplete("r");
      expect(await on.entries("r")).toEqual(asEntries([...chunks, DONE], { complete: true }));
      // The open, the first append, and the end.
      expect(count.lost).toBeGreaterThanOrEqual(3);
    });

    it("several runs that share their flushes", async (test) => {
      const on = await setUpWriting(test, { kind });
      await warm(on);
      const writer = on.writer({ flushIntervalMs: 5 });
      const count = losesEveryWrite(on.endpoint);
      const runs = ["a", "b", "c", "d"];
      for (const chunk of chunksOf(4)) {
        await Promise.all(runs.map((run) => writer.writeChunk(run, chunk)));
        await sleep(20);
      }
      await Promise.all(runs.map((run) => writer.markComplete(run)));
      for (const run of runs) {
        expect(await on.entries(run)).toEqual(
          asEntries([...chunksOf(4), DONE], { complete: true }),
        );
      }
      // Opens and appends at least: a client may send those of several runs as one request.
      expect(count.lost).toBeGreaterThanOrEqual(2);
    });

    it("stop() lets the next writer go on, with the next seq", async (test) => {
      const on = await setUpWriting(test, { kind });
      await warm(on);
      const count = losesEveryWrite(on.endpoint);
      for (let life = 0; life < 3; life++) {
        const writer = on.writer();
        expect(await writer.writeChunk("r", sse(`life ${life}`))).toBe(life + 1);
        await writer.stop();
      }
      const lives = [0, 1, 2].map((life) => sse(`life ${life}`));
      expect(await on.entries("r")).toEqual(asEntries(lives));
      expect(count.lost).toBeGreaterThanOrEqual(9);
    });

    it("a piped run", async (test) => {
      const on = await setUpWriting(test, { kind });
      await warm(on);
      const count = losesEveryWrite(on.endpoint);
      const chunks = chunksOf(12);
      const { finished } = await pipeRun({
        redis: on.client,
        prefix: on.prefix,
        runId: "r",
        flushIntervalMs: 10,
        source: (async function* () {
          for (const [i, chunk] of chunks.entries()) {
            yield chunk;
            if (i % 4 === 0) await sleep(15);
          }
          yield DONE;
        })(),
      });
      expect(await finished).toEqual({ state: "done", totalChunks: 13 });
      expect(await on.entries("r")).toEqual(asEntries([...chunks, DONE], { complete: true }));
      // The open, and the end.
      expect(count.lost).toBeGreaterThanOrEqual(2);
    });

    it("a store's create, append, end, stop and delete", async (test) => {
      const on = await setUpWriting(test, { kind });
      await warm(on);
      const store = new RedisRunLogStore(on.client, { prefix: on.prefix });
      const count = losesEveryWrite(on.endpoint);
      for (const id of ["ended", "stopped", "deleted"]) {
        await store.create(id, { writer: "w" });
        expect(await store.append(id, ["a", "b"], { writer: "w" })).toBe(2);
      }
      expect(await store.append("ended", ["c"], { writer: "w", end: { error: "e" } })).toBe(3);
      await store.stop("stopped");
      await store.delete("deleted");
      const error = 'event: error\ndata: {"error":{"message":"e"}}\n\n';
      const abc = ["a", "b", "c"].map((one) => `chunk: text\ndata: ${one}\n\n`);
      expect(await on.entries("ended")).toEqual(asEntries([...abc, error], { complete: true }));
      expect(await on.entries("stopped")).toEqual(
        asEntries([...abc.slice(0, 2), DONE], { complete: true }),
      );
      expect(await on.raw.command("EXISTS", `${on.prefix}:deleted`)).toBe(0);
      expect(await store.getStatus("deleted")).toBeNull();
      expect(count.lost).toBeGreaterThanOrEqual(9);
    });

    it("open: another writer tries before the next attempt, and is refused", async (test) => {
      const on = await setUpWriting(test, { kind });
      await warm(on);
      const writer = on.writer();
      const other = new RedisRunLogStore(on.client, { prefix: on.prefix });
      const meta = `{${on.prefix}:r}:meta`;
      const seq = await interrupted(
        { endpoint: on.endpoint, kind },
        openScript,
        () => writer.writeChunk("r", sse("mine")),
        async () => {
          await until(async () => (await on.raw.command("EXISTS", meta)) === 1);
          await expect(on.onlooker.create("r")).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
        },
      );
      expect(seq).toBe(1);
      await writer.markComplete("r");
      expect(await other.getStatus("r")).toEqual({ state: "done", totalChunks: 1 });
    });

    it("complete: a stop comes too late", async (test) => {
      const on = await setUpWriting(test, { kind });
      await warm(on);
      const writer = on.writer();
      await writer.writeChunk("r", sse("a"));
      await until(async () => (await on.entries("r")).length === 1);
      const seq = await interrupted(
        { endpoint: on.endpoint, kind },
        appendScript,
        () => writer.writeChunk("r", sse("b"), { complete: true }),
        async () => {
          await until(async () => (await on.entries("r")).length === 2);
          await on.onlooker.stop("r");
        },
      );
      expect(seq).toBe(2);
      expect(await on.entries("r")).toEqual(asEntries([sse("a"), sse("b")], { complete: true }));
    });

    it("release: whoever has taken over keeps the run", async (test) => {
      const on = await setUpWriting(test, { kind });
      await warm(on);
      const writer = on.writer();
      await writer.writeChunk("r", sse("a"));
      const second = (await setUpWriting(test)).client;
      const next = new RunLogWriter(second, { prefix: on.prefix });
      test.onTestFinished(() => next.stop());
      await interrupted(
        { endpoint: on.endpoint, kind },
        releaseScript,
        () => writer.stop(),
        async () => {
          await until(async () => (await on.meta("r")).writer === "");
          await next.writeChunk("r", sse("b"));
        },
      );
      await expect(on.writer().writeChunk("r", sse("c"))).rejects.toMatchObject({
        code: "ALREADY_EXISTS",
      });
      await next.markComplete("r");
      expect(await on.entries("r")).toEqual(
        asEntries([sse("a"), sse("b"), DONE], { complete: true }),
      );
    });

    it("delete: a run that was opened since is not hit", async (test) => {
      const on = await setUpWriting(test, { kind });
      await warm(on);
      const store = new RedisRunLogStore(on.client, { prefix: on.prefix });
      await store.create("r");
      await interrupted(
        { endpoint: on.endpoint, kind },
        deleteScript,
        () => store.delete("r"),
        async () => {
          await until(async () => (await on.onlooker.getStatus("r")) === null);
          await on.onlooker.create("r", { writer: "other" });
        },
      );
      expect(await on.onlooker.append("r", "still there", { writer: "other" })).toBe(1);
    });
  },
);

it("an attempt that was given up arrives when others have been stored since: nothing twice", async (test) => {
  const on = await setUpWriting(test, { kind: "Upstash" });
  const upstash = on.client as UpstashClient;
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const late: Promise<unknown>[] = [];
  let holds = false;
  const slow: UpstashClient = {
    eval: (...call) => upstash.eval(...call),
    evalsha(...call) {
      if (!holds || call[0] !== appendScript.sha1) return upstash.evalsha(...call);
      holds = false;
      const reply = released.then(() => upstash.evalsha(...call));
      late.push(reply);
      return reply;
    },
  };
  const writer = new RunLogWriter(slow, { prefix: on.prefix, timeoutMs: 500, flushIntervalMs: 0 });
  test.onTestFinished(() => writer.stop());
  const write = async (n: number): Promise<void> => {
    expect(await writer.writeChunk("r", sse(`${n}`))).toBe(n);
    await until(async () => (await on.entries("r")).length === n);
  };
  await write(1);
  holds = true;
  await write(2);
  await write(3);
  release();
  await Promise.all(late);
  await writer.markComplete("r");
  expect(late).toHaveLength(1);
  expect(await on.entries("r")).toEqual(
    asEntries([sse("1"), sse("2"), sse("3"), DONE], { complete: true }),
  );
});
