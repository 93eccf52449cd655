import { getEventListeners } from "node:events";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { page, ScriptedStream } from "../../test/support/scripted-stream.ts";
import { noUnhandledRejections } from "../../test/support/unhandled.ts";
import type { StreamChunk } from "../contracts/stream-store.ts";
import { endOnly, followStream } from "./follow-stream.ts";
import type { FollowedStream } from "./follow-stream.ts";

const NOTHING = undefined as never;
const coded = (code: string): object => expect.objectContaining({ name: "StreamError", code });
/** Until everything that can run has run. */
const idle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

noUnhandledRejections();

async function readAll(stream: FollowedStream, afterSeq = 0) {
  const chunks: StreamChunk[] = [];
  const reader = followStream(stream, afterSeq);
  for (;;) {
    const step = await reader.next();
    if (step.done === true) return { chunks, status: step.value };
    chunks.push(step.value);
  }
}

describe("for the end only", () => {
  test("passes over all chunks, whether they come along or not", async () => {
    const stream = new ScriptedStream(page(["a", "b"], 3), page([], 3));
    const end = endOnly(followStream(stream, 0)).next();
    await idle();
    expect(stream.cursors).toEqual([0, 3]);
    stream.wake(page(["d"], 7), page([], 7));
    await idle();
    stream.wake(page(["h"], 8, "stopped"));
    expect(await end).toEqual({ done: true, value: { state: "stopped", totalChunks: 8 } });
    expect(stream.cursors).toEqual([0, 3, 3, 7, 7]);
    expect(stream.needs).toEqual([false, false, false, false, false]);
    expect(stream.closed).toBe(1);
  });

  test.each([
    ["EXPIRED", page([], 2, "active", "e2")],
    ["EXPIRED", null],
    ["LOST", page([], 1)],
  ])("is told %s like any other", async (code, next) => {
    const stream = new ScriptedStream(page(["a"], 2), next);
    await expect(endOnly(followStream(stream, 0)).next()).rejects.toEqual(coded(code));
    expect(stream.closed).toBe(1);
  });

  test("leaves other readers as they are", async () => {
    const own = (async function* () {
      yield { seq: 1, data: "a" };
      return { state: "done", totalChunks: 1 } as const;
    })();
    expect((await endOnly(own).next()).value).toEqual({ seq: 1, data: "a" });
  });
});

describe("reads", () => {
  test("every page, waits, and returns the stored end", async () => {
    const stream = new ScriptedStream(page(["a", "b"], 3), page(["c"], 3), page([], 3));
    const reading = readAll(stream);
    await idle();
    expect(stream.cursors).toEqual([0, 2, 3]);
    expect(stream.waits).toEqual([page([], 3)]);
    stream.wake(page([], 3));
    await idle();
    stream.wake(page(["d"], 4, "stopped"));
    expect(await reading).toEqual({
      chunks: ["a", "b", "c", "d"].map((data, i) => ({ seq: i + 1, data })),
      status: { state: "stopped", totalChunks: 4 },
    });
    expect(stream.cursors).toEqual([0, 2, 3, 3, 3]);
    expect(stream.closed).toBe(1);
  });

  test("on from a cursor, and only the end from the last one", async () => {
    const { chunks } = await readAll(new ScriptedStream(page(["c"], 3, "done")), 2);
    expect(chunks).toEqual([{ seq: 3, data: "c" }]);
    expect(await readAll(new ScriptedStream(page([], 3, "done")), 3)).toEqual({
      chunks: [],
      status: { state: "done", totalChunks: 3 },
    });
  });

  test("does not wait after a page with chunks: what came since may be there already", async () => {
    const stream = new ScriptedStream(page(["a"], 1), page(["b"], 2, "done"));
    expect((await readAll(stream)).chunks).toHaveLength(2);
    expect(stream.waits).toEqual([]);
  });

  test("every chunk once, in order, however a stream is cut into pages", async () => {
    const anyPages = fc.array(fc.array(fc.string(), { minLength: 1, maxLength: 4 }));
    await fc.assert(
      fc.asyncProperty(anyPages, fc.nat(), async (pages, skip) => {
        const all = pages.flat();
        const after = skip % (all.length + 1);
        const sizes = pages.map(({ length }) => length);
        const stream: FollowedStream = {
          read: async (cursor) => {
            const size = sizes.pop() ?? 0;
            return page(all.slice(cursor, cursor + Math.max(size, 1)), all.length, "done");
          },
          changed: () => Promise.reject(new Error("there is nothing to wait for")),
        };
        const { chunks } = await readAll(stream, after);
        expect(chunks).toEqual(all.map((data, i) => ({ seq: i + 1, data })).slice(after));
      }),
    );
  });
});

describe("refuses", () => {
  test.each([-1, 0.5, NaN, Infinity, "0" as never, null as never, undefined as never])(
    "the cursor %s, whatever the store would make of it",
    async (cursor) => {
      const stream = new ScriptedStream(page(["a"], 1, "done"));
      await expect(followStream(stream, cursor).next()).rejects.toEqual(coded("INVALID_CURSOR"));
      expect(stream.cursors).toEqual([]);
    },
  );

  test("a cursor past the end", async () => {
    for (const state of ["active", "done"] as const) {
      const stream = new ScriptedStream(page([], 3, state));
      await expect(readAll(stream, 4)).rejects.toEqual(coded("INVALID_CURSOR"));
      expect(stream.closed).toBe(1);
    }
  });

  test("an unknown stream", async () => {
    const stream = new ScriptedStream(null);
    await expect(readAll(stream)).rejects.toEqual(coded("NOT_FOUND"));
    expect(stream.closed).toBe(1);
  });

  test.each([
    ["gone", null],
    ["another of its id", page(["x", "y"], 2, "active", "e2")],
    ["another of its id, shorter", page([], 0, "active", "e2")],
    ["another of its id, ended", page(["x"], 2, "done", "e2")],
  ])("to go on in a stream that is %s", async (_, next) => {
    const between = new ScriptedStream(page(["a"], 1), next);
    await expect(readAll(between)).rejects.toEqual(coded("EXPIRED"));
    const waiting = new ScriptedStream(page([], 0));
    const reading = readAll(waiting);
    await idle();
    waiting.wake(next);
    await expect(reading).rejects.toEqual(coded("EXPIRED"));
    expect([between.closed, waiting.closed]).toEqual([1, 1]);
  });

  test.each([
    ["at its end", [page(["a"], 3, "done"), page([], 3, "done")]],
    ["in the middle", [page(["a"], 3), page([], 3)]],
    ["all of it", [page([], 3, "done")]],
    ["after a failover", [page(["a", "b"], 2), page([], 1)]],
    ["after a failover, and ended", [page(["a", "b"], 2), page([], 1, "error")]],
  ])("to pass over what is lost: %s", async (_, script) => {
    const stream = new ScriptedStream(...script);
    await expect(readAll(stream)).rejects.toEqual(coded("LOST"));
    expect(stream.closed).toBe(1);
  });

  test("with the store's own error, from read and from changed", async () => {
    const refusal = new Error("no route to host");
    const reading = new ScriptedStream(page(["a"], 1), refusal);
    await expect(readAll(reading)).rejects.toBe(refusal);
    const waiting = new ScriptedStream(page([], 0));
    vi.spyOn(waiting, "changed").mockRejectedValue(refusal);
    await expect(readAll(waiting)).rejects.toBe(refusal);
    expect([reading.closed, waiting.closed]).toEqual([1, 1]);
  });

  test("after which it is over", async () => {
    const reader = followStream(new ScriptedStream(null), 0);
    await expect(reader.next()).rejects.toThrow();
    expect(await reader.next()).toEqual({ done: true, value: undefined });
    expect(await reader.return(NOTHING)).toEqual({ done: true, value: undefined });
  });
});

/** Ways to be in the middle of reading: each gets a reader to a place, and leaves a `next()` pending or none. */
const PLACES: [string, (signal?: AbortSignal) => Promise<Place>][] = [
  ["between two chunks", (signal) => at(signal, [page(["a", "b"], 2)], 1)],
  ["after a page", (signal) => at(signal, [page(["a"], 1), never()], 1)],
  ["after the last chunk", (signal) => at(signal, [page(["a"], 1, "done")], 1)],
  ["during a read", (signal) => at(signal, [never()], 0, true)],
  ["during a later read", (signal) => at(signal, [page(["a"], 1), never()], 1, true)],
  ["while waiting", (signal) => at(signal, [page([], 0)], 0, true)],
];

interface Place {
  stream: ScriptedStream;
  reader: ReturnType<typeof followStream>;
  pending: Promise<IteratorResult<StreamChunk, unknown>> | undefined;
}

async function at(
  signal: AbortSignal | undefined,
  script: ConstructorParameters<typeof ScriptedStream>,
  count: number,
  waits = false,
): Promise<Place> {
  const stream = new ScriptedStream(...script);
  const reader = followStream(stream, 0, { signal });
  for (let i = 0; i < count; i++) await reader.next();
  const pending = waits ? reader.next() : undefined;
  pending?.catch(() => {});
  await idle();
  return { stream, reader, pending };
}

const never = (): Promise<null> => new Promise(() => {});

describe.each(PLACES)("leaving %s", (_, reach) => {
  test("by return(): at once, the pending next() is done", async () => {
    const { signal } = new AbortController();
    const { stream, reader, pending } = await reach(signal);
    const left = reader.return("mine" as never);
    if (pending) expect(await pending).toEqual({ done: true, value: undefined });
    expect(await left).toEqual({ done: true, value: "mine" });
    expect(await reader.next()).toEqual({ done: true, value: undefined });
    await reader.return(NOTHING);
    expect(stream.closed).toBe(1);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("by throw(): at once, with the error that was thrown", async () => {
    const { signal } = new AbortController();
    const { stream, reader, pending } = await reach(signal);
    const error = new Error("mine");
    const left = reader.throw(error);
    left.catch(() => {});
    if (pending) expect(await pending).toEqual({ done: true, value: undefined });
    await expect(left).rejects.toBe(error);
    expect(await reader.next()).toEqual({ done: true, value: undefined });
    expect(stream.closed).toBe(1);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test.each([new Error("mine"), { why: "mine" }, "mine", 0, null, false])(
    "by an abort: at once, with the caller's reason %j",
    async (reason) => {
      const controller = new AbortController();
      const { stream, reader, pending } = await reach(controller.signal);
      controller.abort(reason);
      const caught = await (pending ?? reader.next()).then(
        () => expect.fail("it should reject"),
        (error: unknown) => ({ error }),
      );
      expect(caught.error).toBe(reason);
      expect(await reader.next()).toEqual({ done: true, value: undefined });
      expect(stream.closed).toBe(1);
      expect(getEventListeners(controller.signal, "abort")).toEqual([]);
    },
  );

  test("by both at once, and again: closed once", async () => {
    const controller = new AbortController();
    const { stream, reader, pending } = await reach(controller.signal);
    controller.abort();
    const left = [reader.return(NOTHING), reader.return(NOTHING), reader.next()];
    await Promise.allSettled([pending, ...left]);
    await reader[Symbol.asyncDispose]();
    expect(stream.closed).toBe(1);
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });

  test("by the end of an `await using`", async () => {
    const { signal } = new AbortController();
    const { stream, reader, pending } = await reach(signal);
    await reader[Symbol.asyncDispose]();
    if (pending) expect(await pending).toEqual({ done: true, value: undefined });
    expect(stream.closed).toBe(1);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });
});

describe("before it has begun", () => {
  test("return(), throw() and dispose leave without a read, a listener or a close", async () => {
    const { signal } = new AbortController();
    const stream = new ScriptedStream();
    const reader = () => followStream(stream, 0, { signal });
    expect(await reader().return("mine" as never)).toEqual({ done: true, value: "mine" });
    await expect(reader().throw(new Error("mine"))).rejects.toThrow("mine");
    await reader()[Symbol.asyncDispose]();
    expect([stream.cursors, stream.closed]).toEqual([[], 0]);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("an abort is told by the first next()", async () => {
    const controller = new AbortController();
    const stream = new ScriptedStream();
    const reader = followStream(stream, 0, { signal: controller.signal });
    controller.abort("mine");
    await expect(reader.next()).rejects.toBe("mine");
    await expect(followStream(stream, 0, controller).next()).rejects.toBe("mine");
    expect([stream.cursors, stream.closed]).toEqual([[], 0]);
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });
});

test("an abort after the end changes nothing", async () => {
  const controller = new AbortController();
  const stream = new ScriptedStream(page(["a"], 1, "done"));
  const reader = followStream(stream, 0, controller);
  await reader.next();
  expect((await reader.next()).done).toBe(true);
  expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  controller.abort();
  expect(await reader.next()).toEqual({ done: true, value: undefined });
});

test("a read that fails after its reader has left bothers nobody", async () => {
  let fail: (error: Error) => void = () => {};
  const stream = new ScriptedStream(new Promise((_, reject) => (fail = reject)));
  const reader = followStream(stream, 0);
  const pending = reader.next();
  await idle();
  await reader.return(NOTHING);
  await pending;
  fail(new Error("too late"));
  await idle();
});

test("a wait that just ends at an abort is no reason to read again", async () => {
  const controller = new AbortController();
  const stream = new ScriptedStream(page([], 0));
  stream.changed = (_, signal) =>
    new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  const pending = followStream(stream, 0, controller).next();
  await idle();
  controller.abort("mine");
  await expect(pending).rejects.toBe("mine");
  expect(stream.cursors).toEqual([0]);
});

test("a long reading does not gather listeners on the signal that it hands out", async () => {
  let listeners = 0;
  const pages = Array.from({ length: 100 }, (_, i) => page(["x"], i + 1));
  const stream = new ScriptedStream(...pages, page([], 100), page([], 100, "done"));
  stream.changed = async (_, signal) =>
    void (listeners = getEventListeners(signal, "abort").length);
  expect((await readAll(stream)).chunks).toHaveLength(100);
  expect(listeners).toBe(0);
});

test("two next() at a time are answered in order", async () => {
  const stream = new ScriptedStream(page(["a", "b"], 2, "done"));
  const reader = followStream(stream, 0);
  const steps = await Promise.all([reader.next(), reader.next(), reader.next(), reader.next()]);
  expect(steps).toEqual([
    { done: false, value: { seq: 1, data: "a" } },
    { done: false, value: { seq: 2, data: "b" } },
    { done: true, value: { state: "done", totalChunks: 2 } },
    { done: true, value: undefined },
  ]);
});

test("a `break` leaves, and a thousand readers of one signal leave no listener while they wait in vain", async () => {
  const controller = new AbortController();
  const streams = Array.from(
    { length: 1000 },
    () => new ScriptedStream(page(["a"], 1), page([], 1)),
  );
  for (const stream of streams) {
    for await (const { data } of followStream(stream, 0, controller)) {
      expect(data).toBe("a");
      break;
    }
  }
  expect(streams.every(({ closed }) => closed === 1)).toBe(true);
  expect(getEventListeners(controller.signal, "abort")).toEqual([]);
});
