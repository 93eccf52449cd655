import { describe, expect, test, vi } from "vitest";
import { noUnhandledRejections } from "../../test/support/unhandled.ts";
import type { StreamEvent } from "../codec/stream-event.ts";
import { pump } from "./pump.ts";
import type { StreamSource } from "./pump.ts";

noUnhandledRejections();

/** A writer that takes everything, or what the test lets it. */
function sink(write: (chunk: string) => Promise<void> = async () => {}) {
  const chunks: string[] = [];
  return {
    chunks,
    write: async (chunk: string): Promise<void> => {
      await write(chunk);
      chunks.push(chunk.slice(1));
    },
  };
}

const { signal: calm } = new AbortController();
const idle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const never = (): Promise<never> => new Promise(() => {});

describe("moves everything", () => {
  async function* source(): AsyncGenerator<string> {
    yield* ["a", "b", "c"];
  }

  test("of an iterable, a generator, a function that makes one, a ReadableStream", async () => {
    const stream = new ReadableStream<string>({
      start(controller) {
        for (const chunk of ["a", "b", "c"]) controller.enqueue(chunk);
        controller.close();
      },
    });
    const iterable = { [Symbol.asyncIterator]: source };
    const bare = (): AsyncIterator<string> => {
      const items = source();
      return { next: () => items.next() };
    };
    for (const one of [source(), source, iterable, stream, { [Symbol.asyncIterator]: bare }]) {
      const { chunks, write } = sink();
      await pump(one as StreamSource, calm, { write });
      expect(chunks).toEqual(["a", "b", "c"]);
    }
  });

  test("hands its signal to a function, without arguments of others", async () => {
    const make = vi.fn(source);
    await pump(make, calm, sink());
    expect(make.mock.calls).toEqual([[calm]]);
  });

  test("and a half that is left, at its end", async () => {
    const { chunks, write } = sink();
    async function* cut(): AsyncGenerator<string> {
      yield "a\ud83d";
    }
    await pump(cut, calm, { write });
    expect(chunks).toEqual(["a", "\ufffd"]);
  });

  test("no faster than the writer takes it", async () => {
    let asked = 0;
    async function* endless(): AsyncGenerator<string> {
      for (;;) yield String(asked++);
    }
    const controller = new AbortController();
    void pump(endless, controller.signal, sink(never)).catch(() => {});
    for (let i = 0; i < 10; i++) await idle();
    expect(asked).toBe(1);
  });

  test("and does not ask a source that has ended to return", async () => {
    const end = vi.fn();
    const items = { next: async () => ({ done: true, value: undefined }), return: end };
    await pump({ [Symbol.asyncIterator]: () => items as never }, calm, sink());
    expect(end).not.toHaveBeenCalled();
  });
});

describe("fails as its source does", () => {
  const error = new Error("mine");
  const reject = (): Promise<never> => Promise.reject(error);
  const cases: [string, () => unknown][] = [
    [
      "when it is made",
      () => {
        throw error;
      },
    ],
    [
      "when it is iterated",
      () => ({
        [Symbol.asyncIterator]: () => {
          throw error;
        },
      }),
    ],
    [
      "at next()",
      () =>
        iterator({
          next: () => {
            throw error;
          },
        }),
    ],
    ["at next(), later", () => iterator({ next: reject })],
    [
      "at next(), and at return() too",
      () =>
        iterator({
          next: reject,
          return: () => {
            throw new Error("not this");
          },
        }),
    ],
    [
      "at next(), and at return(), later",
      () => iterator({ next: reject, return: () => Promise.reject(new Error("nor this")) }),
    ],
  ];

  test.each(cases)("%s", async (_, make) => {
    await expect(pump(make as () => AsyncIterable<string>, calm, sink())).rejects.toBe(error);
  });

  test.each([undefined, null, 0, "", "text", { code: 7 }])(
    "with %j, which is no Error",
    async (thrown) => {
      async function* source(): AsyncGenerator<string> {
        yield "a";
        throw thrown as unknown as Error;
      }
      const { chunks, write } = sink();
      const caught = await pump(source, calm, { write }).then(
        () => expect.fail("it should reject"),
        (reason: unknown) => ({ reason }),
      );
      expect(caught.reason).toBe(thrown);
      expect(chunks).toEqual(["a"]);
    },
  );

  test.each([[undefined], [null], ["text"], [["a"]], [{}], [() => undefined], [() => "text"]])(
    "when it is none: %j",
    async (source) => {
      await expect(pump(source as StreamSource, calm, sink())).rejects.toThrow(TypeError);
    },
  );

  test("when an item is junk: the source is asked to return", async () => {
    const end = vi.fn(async () => ({ done: true, value: undefined }));
    const items = { next: async () => ({ done: false, value: 7 }), return: end };
    const source = { [Symbol.asyncIterator]: () => items as never };
    await expect(pump(source, calm, sink())).rejects.toThrow(TypeError);
    expect(end).toHaveBeenCalledTimes(1);
  });

  test("when a step is junk", async () => {
    for (const step of [undefined, null, 7]) {
      const items = { next: async () => step };
      const source = { [Symbol.asyncIterator]: () => items as never };
      await expect(pump(source, calm, sink())).rejects.toThrow(TypeError);
    }
  });
});

test("fails as its writer does, and asks the source to return", async () => {
  const refusal = new Error("refused");
  let returned = false;
  async function* source(): AsyncGenerator<string> {
    try {
      for (;;) yield "a";
    } finally {
      returned = true;
    }
  }
  await expect(
    pump(
      source,
      calm,
      sink(() => Promise.reject(refusal)),
    ),
  ).rejects.toBe(refusal);
  await idle();
  expect(returned).toBe(true);
});

describe("at an abort", () => {
  test("rejects at once while the source is silent, and asks it to return without waiting", async () => {
    const controller = new AbortController();
    const end = vi.fn(never);
    const source = iterator({ next: never, return: end });
    const pumping = pump(source, controller.signal, sink());
    await idle();
    controller.abort("mine");
    await expect(pumping).rejects.toBe("mine");
    expect(end).toHaveBeenCalledTimes(1);
  });

  test("bears a source that fails afterwards, in whatever way", async () => {
    const ways: ((reject: (error: Error) => void) => unknown)[] = [
      (reject) => reject(new Error("late")),
      () => Promise.reject(new Error("return failed")),
      () => {
        throw new Error("return threw");
      },
    ];
    for (const way of ways) {
      const controller = new AbortController();
      let fail: (error: Error) => void = () => {};
      const next = () => new Promise<never>((_, reject) => (fail = reject));
      const source = iterator({ next, return: () => way(fail) as Promise<never> });
      const pumping = pump(source, controller.signal, sink());
      await idle();
      controller.abort("mine");
      await expect(pumping).rejects.toBe("mine");
      await idle();
    }
  });

  test("drops what the source says afterwards", async () => {
    const controller = new AbortController();
    let say: (step: IteratorResult<string>) => void = () => {};
    const next = vi.fn(() => new Promise<IteratorResult<string>>((resolve) => (say = resolve)));
    const { chunks, write } = sink();
    const pumping = pump(iterator({ next }), controller.signal, { write });
    await idle();
    controller.abort("mine");
    await expect(pumping).rejects.toBe("mine");
    say({ done: false, value: "late" });
    await idle();
    expect(chunks).toEqual([]);
    expect(next).toHaveBeenCalledTimes(1);
  });

  test("during a write, asks the source for nothing more", async () => {
    const controller = new AbortController();
    const next = vi.fn(async () => ({ done: false, value: "a" }));
    const write = async (): Promise<void> => controller.abort("mine");
    await expect(pump(iterator({ next }), controller.signal, { write })).rejects.toBe("mine");
    expect(next).toHaveBeenCalledTimes(1);
  });

  test("before it starts, asks for nothing at all", async () => {
    const next = vi.fn(never);
    await expect(pump(iterator({ next }), AbortSignal.abort("mine"), sink())).rejects.toBe("mine");
    expect(next).not.toHaveBeenCalled();
  });
});

function iterator(items: object): AsyncIterable<string | StreamEvent> {
  return { [Symbol.asyncIterator]: () => items as AsyncIterator<string> };
}
