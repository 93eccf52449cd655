import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Script } from "./fixtures/scripted-model.ts";
import { startServer } from "./support/servers.ts";
import type { TestServer } from "./support/servers.ts";
import type { SseReader } from "./support/sse-client.ts";
import { STREAM_STORES } from "./support/stores.ts";
import type { SharedStore } from "./support/stores.ts";

describe.each(STREAM_STORES)("a stop sent to another server process, on $name", ({ open }) => {
  let shared: SharedStore;
  let producer: TestServer;
  let other: TestServer;

  beforeAll(async () => {
    shared = await open();
    [producer, other] = await Promise.all([startServer(shared.env), startServer(shared.env)]);
  });
  afterAll(async () => {
    for (const one of [producer, other, shared]) await one?.[Symbol.asyncDispose]();
  });

  /** Starts a generation on one server, with readers on both, and stops it on the other. */
  async function stopElsewhere(script: Script & { name: string }, atSeq: number) {
    const asker = await producer.start(script);
    const { id } = asker;
    await asker.until((event) => event.id === "1");
    const readers = [asker, await producer.resume(id), await other.resume(id, { after: 1 })];
    for (const reader of readers) await reader.until((event) => event.id === String(atSeq));
    expect(producer.process.stdout.join("\n")).not.toContain(`model aborted: ${script.name} `);

    const sentAt = Date.now();
    const reply = await other.stop(id);
    expect([reply.status, await reply.json()]).toEqual([200, { ok: true }]);
    const logged = new RegExp(`model aborted: ${script.name} at (\\d+)`);
    const abortedAt = Number((await producer.process.waitForLine(logged, 3_000))[1]);
    return { id, readers, abortedAfterMs: abortedAt - sentAt };
  }

  async function expectStopped(readers: readonly SseReader[], id: string): Promise<void> {
    const status = await shared.store.getStatus(id);
    expect(status).toEqual({ state: "stopped", totalChunks: status?.totalChunks });
    for (const reader of readers) {
      expect(await reader.closed).toBe("complete");
      expect(reader.chunks.at(-1)?.id).toBe(String(status?.totalChunks));
      expect(reader.events.slice(-2).map(({ event, data }) => [event, data])).toEqual([
        ["stopped", ""],
        ["done", ""],
      ]);
    }
  }

  it("ends the model's call within 1 s while the model is silent", async ({ annotate }) => {
    const script: Script = { say: ["two ", "tokens"], end: "silence" };
    const { id, readers, abortedAfterMs } = await stopElsewhere({ name: "silent", ...script }, 2);
    expect(abortedAfterMs).toBeLessThan(1_000);
    await annotate(`the model aborted ${abortedAfterMs} ms after the stop was sent`);
    await expectStopped(readers, id);
  });

  it("ends the model's call within 1 s before its first token", async () => {
    const asker = await producer.start({ name: "mute", end: "silence" });
    await asker.until(({ event }) => event === "stream-id");
    const sentAt = Date.now();
    await other.stop(asker.id);
    const logged = await producer.process.waitForLine(/model aborted: mute at (\d+)/, 3_000);
    expect(Number(logged[1]) - sentAt).toBeLessThan(1_000);
    expect(await asker.closed).toBe("complete");
    expect(asker.events.map(({ event }) => event)).toEqual(["stream-id", "stopped", "done"]);
  });

  it("ends the model's call within 1 s while it talks, and no token comes behind the end", async ({
    annotate,
  }) => {
    const script: Script = { count: 5_000, delayMs: 5 };
    const { id, readers, abortedAfterMs } = await stopElsewhere({ name: "busy", ...script }, 40);
    expect(abortedAfterMs).toBeLessThan(1_000);
    await annotate(`the model aborted ${abortedAfterMs} ms after the stop was sent`);
    await expectStopped(readers, id);
    const again = await other.resume(id);
    await expectStopped([again], id);
  });

  it("is final: no later write changes it, not even the producer's own", async () => {
    const script: Script = { say: ["a", "b"], end: "silence" };
    const { id, readers } = await stopElsewhere({ name: "final", ...script }, 2);
    await expectStopped(readers, id);
    const { store } = shared;
    const writer = await shared.writerOf(id);
    const refused = { name: "StreamError", code: expect.any(String) as string };
    const ended = { ...refused, code: "NOT_ACTIVE", state: "stopped" };
    const writes: [() => Promise<unknown>, refusal?: object][] = [
      [() => store.append(id, "c", { writer }), ended],
      [() => store.append(id, [], { writer, end: "done" }), ended],
      [() => store.append(id, [], { writer, end: { error: "too late" } }), ended],
      [() => store.append(id, [], { writer }), ended],
      [() => store.append(id, "c"), refused],
      [() => store.append(id, "c", { writer: "other", end: "done" }), refused],
      [() => store.create(id, { writer: "other" }), { code: "ALREADY_EXISTS" }],
      [() => store.complete(id)],
      [() => store.fail(id, "too late")],
      [() => producer.stop(id)],
    ];
    for (const [write, refusal] of writes) {
      if (refusal) await expect(write()).rejects.toMatchObject(refusal);
      else await write();
      expect(await store.getStatus(id)).toEqual({ state: "stopped", totalChunks: 2 });
    }
    const again = await producer.resume(id);
    await expectStopped([again], id);
  });
});
