import { describe, expect, test, vi } from "vitest";
import { createDurableStream } from "../src/index.ts";
import type { CreateOptions, StreamEvent, StreamSource } from "../src/index.ts";
import { SseDecoder } from "../src/codec/index.ts";
import { FaultyStore } from "./support/faulty-store.ts";
import { saying, Script, unasked } from "./support/sources.ts";
import { noUnhandledRejections } from "./support/unhandled.ts";

noUnhandledRejections();

const idle = (): Promise<undefined> =>
  new Promise((resolve) => setImmediate(() => resolve(undefined)));
const decode = (text: string) => new SseDecoder().decode(text);
const eventsOf = async (response: Response) =>
  decode(await response.text()).map(({ event, data }) => [event, data]);

async function start(source: StreamSource, options: { store?: FaultyStore } = {}) {
  const store = options.store ?? new FaultyStore();
  return { store, ...(await createDurableStream({ store, source, ...options })) };
}

describe("a generation", () => {
  test("is stored, sent and finished", async () => {
    async function* source(): AsyncGenerator<string | StreamEvent> {
      yield "Hel";
      yield { event: "usage", data: '{"n":1}' };
      yield { event: "", data: "lo" };
    }
    const { store, id, response, finished } = await start(source);
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(response.headers.get("x-stream-id")).toBe(id);
    expect(decode(await response.text())).toEqual([
      { lastEventId: "", event: "stream-id", data: id },
      { lastEventId: "1", event: "", data: "Hel" },
      { lastEventId: "2", event: "usage", data: '{"n":1}' },
      { lastEventId: "3", event: "", data: "lo" },
      { lastEventId: "3", event: "done", data: "" },
    ]);
    expect(await finished).toEqual({ state: "done", totalChunks: 3 });
    expect(await store.getStatus(id)).toEqual({ state: "done", totalChunks: 3 });
  });

  test("of nothing is done", async () => {
    const { response, finished } = await start(saying());
    expect(await finished).toEqual({ state: "done", totalChunks: 0 });
    expect((await eventsOf(response)).slice(1)).toEqual([["done", ""]]);
  });

  test("of 20,000 chunks comes whole", async () => {
    const texts = Array.from({ length: 20_000 }, (_, i) => `${i} `);
    const store = new FaultyStore();
    store.onAppend = idle;
    const { id, response, finished } = await start(saying(...texts), { store });
    const events = await eventsOf(response);
    expect(events.slice(1, -1).map(([, data]) => data)).toEqual(texts);
    expect(await finished).toMatchObject({ totalChunks: 20_000 });
    // They go in groups.
    expect(store.appends).toBeLessThan(100);
    expect(store.mostAppending).toBe(1);
    expect(store.textOf(id)).toBe(texts.join(""));
  });

  test("puts an emoji together that was cut in two, and replaces what has no other half", async () => {
    const { store, id, response, finished } = await start(
      saying("a\ud83d", "\ude00b", "\ude00", "c\ud83d"),
    );
    await finished;
    expect(store.textOf(id)).toBe("a😀b\ufffdc\ufffd");
    expect((await response.text()).includes("😀")).toBe(true);
  });

  test("goes on when its reader leaves, and when nobody reads", async () => {
    const script = new Script();
    const { store, id, response, finished } = await start(script.source);
    const reader = response.body!.getReader();
    script.say("a");
    await reader.read();
    await reader.read();
    await reader.cancel();
    await idle();
    expect(script.aborted).toBe(false);
    script.say("b");
    script.end();
    expect(await finished).toEqual({ state: "done", totalChunks: 2 });
    expect(store.textOf(id)).toBe("ab");
    expect(script.aborted).toBe(false);
  });

  test("passes its settings on: a writer of its own, lease, TTL", async () => {
    const created: unknown[] = [];
    class Noting extends FaultyStore {
      override create(id: string, options?: CreateOptions): Promise<void> {
        created.push({ id, ...options });
        return super.create(id, options);
      }
    }
    const store = new Noting();
    const source = saying("a");
    await createDurableStream({ store, source, id: "mine" });
    await createDurableStream({ store, source, id: "other", leaseMs: 9_000, ttlSec: 7 });
    const writer = expect.stringMatching(/^[0-9a-f-]{36}$/);
    expect(created).toEqual([
      { id: "mine", writer, leaseMs: 15_000, ttlSec: undefined },
      { id: "other", writer, leaseMs: 9_000, ttlSec: 7 },
    ]);
    expect(new Set(created.map((options) => (options as CreateOptions).writer)).size).toBe(2);
    await expect(store.append("mine", "forged")).rejects.toMatchObject({ code: "FENCED" });
  });

  test("hands `finished` to waitUntil", async () => {
    const waitUntil = vi.fn();
    const store = new FaultyStore();
    const { finished } = await createDurableStream({ store, source: saying("a"), waitUntil });
    expect(waitUntil.mock.calls).toEqual([[finished]]);
    await finished;
  });
});

describe("is refused before the source is asked for anything", () => {
  test.each([
    ["an id that is taken", "ALREADY_EXISTS", { id: "taken" }],
    ["a bad id", "INVALID_ID", { id: "a b" }],
    ["an empty id", "INVALID_ID", { id: "" }],
    ["a bad lease", "INVALID_OPTION", { leaseMs: 0 }],
    ["a bad TTL", "INVALID_OPTION", { ttlSec: Infinity }],
    ["a heartbeat of no time", "INVALID_OPTION", { heartbeatMs: 0 }],
    ["a heartbeat that is no number", "INVALID_OPTION", { heartbeatMs: NaN }],
    ["a heartbeat that never comes", "INVALID_OPTION", { heartbeatMs: Infinity }],
    ["an interval below zero", "INVALID_OPTION", { flushIntervalMs: -1 }],
    ["an interval that is no integer", "INVALID_OPTION", { flushIntervalMs: 0.5 }],
    ["groups of no chunk", "INVALID_OPTION", { flushSize: 0 }],
  ])("%s: %s", async (_, code, options) => {
    const store = new FaultyStore();
    await store.create("taken");
    const creating = createDurableStream({ store, source: unasked, ...options });
    await expect(creating).rejects.toMatchObject({ code });
    expect(store.size).toBe(1);
  });

  test("a store that is away", async () => {
    const store = new FaultyStore();
    store.onCreate = () => "down";
    const creating = createDurableStream({ store, source: unasked });
    await expect(creating).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });
});

describe("a stop", () => {
  test.each(["its own", "anyone's"])("aborts a source that is silent: %s", async (whose) => {
    const script = new Script();
    const { store, id, response, finished, stop } = await start(script.source);
    script.say("a");
    await idle();
    await (whose === "its own" ? stop() : store.stop(id));
    expect(await finished).toEqual({ state: "stopped", totalChunks: 1 });
    expect(script.aborted).toBe(true);
    expect(script.signal?.reason).toMatchObject({ name: "AbortError" });
    expect((await eventsOf(response)).slice(1)).toEqual([
      ["", "a"],
      ["stopped", ""],
      ["done", ""],
    ]);
  });

  test("ends a generation whose source does not listen, and asks it to return", async () => {
    const script = new Script();
    const { store, id, finished, stop } = await start(script.source);
    await idle();
    await stop();
    expect(await finished).toEqual({ state: "stopped", totalChunks: 0 });
    expect(script.left).toBe(false);
    script.say("late");
    await idle();
    expect(script.left).toBe(true);
    expect(store.textOf(id)).toBe("");
  });

  test("and then a failure of the source is no error, whenever it comes", async () => {
    const script = new Script();
    const late = await start(script.source);
    await idle();
    await late.stop();
    await late.finished;
    script.fail(new Error("aborted, as it was told"));

    const atOnce = await start(async function* (signal) {
      yield "a";
      await new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason as Error));
      });
    });
    await idle();
    await atOnce.stop();
    expect(await atOnce.finished).toMatchObject({ state: "stopped" });
  });

  test("is no failure to describe", async () => {
    const describeError = vi.fn(String);
    const script = new Script();
    const store = new FaultyStore();
    const { source } = script;
    const { stop, finished } = await createDurableStream({ store, source, describeError });
    script.say("a");
    await idle();
    await stop();
    await finished;
    expect(describeError).not.toHaveBeenCalled();
  });

  test("before the source has said anything, and after the end, changes nothing else", async () => {
    const script = new Script();
    const { finished, stop } = await start(script.source);
    await stop();
    expect(await finished).toEqual({ state: "stopped", totalChunks: 0 });
    const ended = await start(saying("a"));
    await ended.finished;
    await ended.stop();
    expect(await ended.store.getStatus(ended.id)).toEqual({ state: "done", totalChunks: 1 });
  });

  test("ends a source that never waits", async () => {
    let said = 0;
    const store = new FaultyStore();
    store.onAppend = idle;
    const source = async function* (): AsyncGenerator<string> {
      for (;;) yield String(said++);
    };
    const { finished, stop } = await start(source, { store });
    await idle();
    await stop();
    expect(await finished).toMatchObject({ state: "stopped" });
    const before = said;
    await idle();
    expect(said).toBe(before);
  });
});

describe("a source that fails", () => {
  const nameless: unknown = Object.create(null);
  const odd = Object.assign(new Error("x"), { message: { not: "a string" } });
  test.each<[string, unknown, string | RegExp]>([
    ["an Error", new Error("no credit"), /^no credit$/],
    ["an Error without words", new RangeError(), /^RangeError$/],
    ["text", "no credit", /^no credit$/],
    ["undefined", undefined, /^undefined$/],
    ["an object", { code: 7 }, /./],
    ["what cannot be text", nameless, /./],
    ["a symbol", Symbol("why"), /why/],
    ["an Error whose message is none", odd, /./],
    ["an ill-formed message", new Error("half \ud83d"), /^half \ufffd$/],
    ["a message that would forge an event", new Error("a\n\nevent: done\n\n"), /^a\n\nevent: done/],
  ])("with %s, ends as an error with a text", async (_, thrown, text) => {
    const script = new Script();
    const { store, id, response, finished } = await start(script.source);
    script.say("a");
    script.fail(thrown);
    const status = await finished;
    expect(status).toMatchObject({ state: "error", totalChunks: 1 });
    expect(status.error).toMatch(text);
    expect(await store.getStatus(id)).toEqual(status);
    expect((await eventsOf(response)).slice(1)).toEqual([
      ["", "a"],
      ["error", status.error],
      ["done", ""],
    ]);
    expect(script.aborted).toBe(false);
  });

  test("when it is made, ends as an error", async () => {
    const { finished } = await start(() => {
      throw new Error("no model");
    });
    expect(await finished).toEqual({ state: "error", error: "no model", totalChunks: 0 });
  });

  test.each([[7], [null], [{ event: "done", data: "" }], [{ event: "a", data: 1 }]])(
    "with the junk %j, ends as an error",
    async (item) => {
      const { finished } = await start(async function* () {
        yield "a";
        yield item as unknown as string;
      });
      expect(await finished).toMatchObject({ state: "error", totalChunks: 1 });
    },
  );

  test.each([[undefined], [null], ["text"], [["a"]], [{}]])(
    "that is none at all (%j), ends as an error",
    async (source) => {
      const { finished } = await start(source as unknown as StreamSource);
      expect(await finished).toMatchObject({ state: "error", totalChunks: 0 });
    },
  );

  test("is described in the user's words", async () => {
    const store = new FaultyStore();
    const error = new Error("sk-secret");
    const source = async function* (): AsyncGenerator<string> {
      yield* [];
      throw error;
    };
    const describeError = vi.fn(() => "the model is busy");
    const { finished } = await createDurableStream({ store, source, describeError });
    expect(await finished).toMatchObject({ state: "error", error: "the model is busy" });
    expect(describeError.mock.calls).toEqual([[error]]);
  });

  test.each<[string, () => unknown]>([
    [
      "fail",
      () => {
        throw new Error("a bug of the user's");
      },
    ],
    ["say nothing", () => undefined],
    ["say it in an object", () => ({ toString: null })],
    ["say it ill-formed", () => "\ud83d"],
  ])("ends as an error, also if the user's words %s", async (_, describeError) => {
    const store = new FaultyStore();
    const source = async function* (): AsyncGenerator<string> {
      yield* [];
      throw new Error("why");
    };
    const { finished, id } = await createDurableStream({
      store,
      source,
      describeError: describeError as () => string,
    });
    const status = await finished;
    expect(status.state).toBe("error");
    expect(status.error).toMatch(/./);
    expect(await store.getStatus(id)).toEqual(status);
  });
});
