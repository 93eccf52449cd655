import { pollUntil } from "@streambed/test-kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hostileTokens, textsOf } from "./fixtures/hostile-tokens.ts";
import type { Script } from "./fixtures/scripted-model.ts";
import type { ResumeOptions, TestServer } from "./support/servers.ts";
import { startServer } from "./support/servers.ts";
import type { ReceivedEvent, SseReader } from "./support/sse-client.ts";
import { STREAM_STORES } from "./support/stores.ts";
import type { SharedStore } from "./support/stores.ts";

const TOKENS = 300;
/** The usage comes behind them, as one more. */
const CHUNKS = TOKENS + 1;
const CUTS = [0, 1, 2, 17, 150, 299, 300];

describe.each(STREAM_STORES)("an answer of 300 chunks on $name", ({ open }) => {
  let shared: SharedStore;
  let server: TestServer;
  /** What a client got that was never interrupted. */
  let whole: SseReader;
  let names = 0;

  beforeAll(async () => {
    shared = await open();
    server = await startServer(shared.env);
    whole = await server.start({ count: TOKENS });
    expect(await whole.closed).toBe("complete");
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await shared?.[Symbol.asyncDispose]();
  });

  /** A client that is cut off after `cut` chunks of an answer that can only end once `go` is called. */
  async function cutOff(cut: number, script: Script) {
    const name = `cut ${++names}`;
    const first = await server.start({ count: TOKENS, name, ...script }, { cutAfter: cut });
    expect(await first.closed).toBe("cut");
    expect(first.chunks).toHaveLength(cut);
    return { first, go: () => server.go(name) };
  }

  /** Reads on by header and by query, and calls `go` when both are connected and have what there is. */
  async function readOn(first: SseReader, cut: number, go?: () => Promise<void>) {
    const ways: ResumeOptions[] = [{ lastEventId: cut }, { after: cut }];
    const rest = await Promise.all(ways.map((way) => server.resume(first.id, way)));
    for (const reader of rest) await reader.until(({ event }) => event === "stream-id");
    if (go !== undefined) {
      expect(await shared.store.getStatus(first.id)).toMatchObject({ state: "active" });
      await go();
    }
    for (const reader of rest) expect(await reader.closed).toBe("complete");
    return rest;
  }

  /** Both parts of an interrupted answer are the whole one, byte for byte. */
  function expectWhole(first: SseReader, rest: SseReader): void {
    const [opening, ...others] = rest.events;
    expect(opening).toMatchObject({ event: "stream-id", data: first.id, id: undefined });
    const both = [...first.events, ...others];
    expect(textOf(both)).toBe(textOf(whole.events));
    expect(wireOf(both)).toBe(wireOf(whole.events));
  }

  it("comes whole to a client that is not interrupted", async () => {
    const { events, chunks } = whole;
    expect(chunks.map(({ id }) => id)).toEqual(
      Array.from({ length: CHUNKS }, (_, i) => `${i + 1}`),
    );
    expect(chunks.slice(0, TOKENS).map(({ data }) => data)).toEqual(textsOf(hostileTokens(TOKENS)));
    expect(chunks.at(-1)?.event).toBe("usage");
    expect(events.map(({ event }) => event)).toEqual([
      "stream-id",
      ...Array.from({ length: TOKENS }, () => ""),
      "usage",
      "done",
    ]);
    const status = { state: "done", totalChunks: CHUNKS };
    expect(await shared.store.getStatus(whole.id)).toEqual(status);
  });

  it("ends for the reader as soon as it has ended", async () => {
    const waits: number[] = [];
    for (let i = 0; i < 5; i++) {
      const reader = await server.start({ say: ["a", "b"] });
      expect(await reader.closed).toBe("complete");
      const [usage, done] = reader.events.slice(-2);
      waits.push((done?.at ?? Infinity) - (usage?.at ?? 0));
    }
    // No store has to be asked: the end was written by the process that the reader is connected to.
    expect(waits.sort((a, b) => a - b)[2]).toBeLessThan(200);
  });

  describe.concurrent.each(CUTS)("cut after %i chunks", (cut) => {
    it("and read on while it flows", async () => {
      // The end waits, so that the answer is still being made whenever the readers come.
      const { first, go } = await cutOff(cut, { delayMs: 1, holdAfter: TOKENS });
      for (const rest of await readOn(first, cut, go)) expectWhole(first, rest);
    });

    it("and read on from where the model pauses", async () => {
      const { first, go } = await cutOff(cut, { holdAfter: cut });
      for (const rest of await readOn(first, cut, go)) expectWhole(first, rest);
    });

    it("and read on after its end", async () => {
      const { first } = await cutOff(cut, {});
      const isDone = async () => (await shared.store.getStatus(first.id))?.state === "done";
      await pollUntil("the answer has ended", 10_000, isDone);
      for (const rest of await readOn(first, cut)) expectWhole(first, rest);
    });
  });

  it("is read on again and again, a few chunks at a time, by header and by query in turn", async () => {
    const { first, go } = await cutOff(0, { delayMs: 1, holdAfter: TOKENS });
    const events = [...first.events];
    for (let at = 0; at < TOKENS;) {
      const cutAfter = Math.min(1 + (at % 40), TOKENS - at);
      const way = at % 2 === 0 ? { lastEventId: at } : { after: at };
      const part = await server.resume(first.id, { ...way, cutAfter });
      expect(await part.closed).toBe("cut");
      events.push(...part.chunks);
      at += cutAfter;
    }
    await go();
    const last = await server.resume(first.id, { lastEventId: TOKENS });
    expect(await last.closed).toBe("complete");
    expect(wireOf([...events, ...last.events.slice(1)])).toBe(wireOf(whole.events));
  });

  it("has nothing more for a client that was cut between the last chunk and the end", async () => {
    const { first } = await cutOff(CHUNKS, {});
    for (const rest of await readOn(first, CHUNKS)) {
      expectWhole(first, rest);
      expect(rest.events.map(({ event }) => event)).toEqual(["stream-id", "done"]);
    }
  });

  it("is read from where the header says when the query says otherwise", async () => {
    const reader = await server.resume(whole.id, { lastEventId: 300, after: 17 });
    expect(await reader.closed).toBe("complete");
    expect(reader.chunks.map(({ id }) => id)).toEqual(["301"]);
    const other = await server.resume(whole.id, { lastEventId: 17, after: 299 });
    expect(await other.closed).toBe("complete");
    expect(other.chunks[0]?.id).toBe("18");
  });
});

/** Without the first event, which names the stream. */
function wireOf(events: readonly ReceivedEvent[]): string {
  return events
    .slice(1)
    .map(({ raw }) => raw)
    .join("");
}

function textOf(events: readonly ReceivedEvent[]): string {
  return events
    .filter(({ id, event }) => id !== undefined && event === "")
    .map(({ data }) => data)
    .join("");
}
