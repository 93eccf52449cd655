import { ReadableStream } from "node:stream/web";
import { createStreamHandler } from "@streambed/ai-sdk";
import type { RequestHandler } from "@streambed/core";
import { MemoryStreamStore } from "@streambed/memory";
import type { LanguageModel } from "ai";
import { onTestFinished, vi } from "vitest";

type ModelV4 = Extract<LanguageModel, { specificationVersion: "v4" }>;
type PartOf<S> = S extends globalThis.ReadableStream<infer P> ? P : never;
type Part = PartOf<Awaited<ReturnType<ModelV4["doStream"]>>["stream"]>;

/** A handler over a store in memory, whose one model says what it is told to. */
export interface Answers {
  handler: RequestHandler;
  store: WatchedStore;
  /** One more token, or `null` for the end of the answer. */
  say(token: string | null): void;
  /** Whether the model's call has been aborted. */
  aborted(): boolean;
  /** Timers of heartbeats that run. */
  heartbeats(): number;
}

/** Knows who is reading. */
export class WatchedStore extends MemoryStreamStore {
  /** Readers that have not come to their end, the producer's own among them. */
  readers = 0;
  /** Chunks that readers have taken. */
  taken = 0;

  override readFrom(
    ...args: Parameters<MemoryStreamStore["readFrom"]>
  ): ReturnType<MemoryStreamStore["readFrom"]> {
    const reader = super.readFrom(...args);
    const { next, return: leave } = reader;
    let open = true;
    this.readers++;
    const close = (): void => {
      if (open) this.readers--;
      open = false;
    };
    reader.next = async () => {
      const step = await next.call(reader);
      if (step.done) close();
      else this.taken++;
      return step;
    };
    reader.return = (value) => {
      close();
      return leave.call(reader, value);
    };
    return reader;
  }
}

export function startAnswers(): Answers {
  const store = new WatchedStore();
  const said: (string | null)[] = [];
  let wake = (): void => {};
  let signal: AbortSignal | undefined;

  async function* parts(): AsyncGenerator<Part> {
    yield { type: "stream-start", warnings: [] };
    yield { type: "text-start", id: "t" };
    for (;;) {
      const delta = said.shift();
      if (delta === null || signal?.aborted) break;
      if (delta !== undefined) yield { type: "text-delta", id: "t", delta };
      else await new Promise<void>((resolve) => (wake = resolve));
    }
    yield { type: "text-end", id: "t" };
    yield { type: "finish", finishReason: { unified: "stop", raw: "stop" }, usage: USAGE };
  }
  const model: ModelV4 = {
    specificationVersion: "v4",
    provider: "scripted",
    modelId: "scripted",
    supportedUrls: {},
    doGenerate: () => Promise.reject(new Error("not scripted")),
    async doStream({ abortSignal }) {
      signal = abortSignal;
      signal?.addEventListener("abort", () => wake());
      return { stream: ReadableStream.from(parts()) as globalThis.ReadableStream<Part> };
    },
  };

  const heartbeats = watchIntervals();
  return {
    handler: createStreamHandler({ model, store, maxBodyBytes: 100_000 }),
    store,
    say(token) {
      said.push(token);
      wake();
    },
    aborted: () => signal?.aborted ?? false,
    heartbeats,
  };
}

const USAGE = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
};

function watchIntervals(): () => number {
  const running = new Set<unknown>();
  const { setInterval, clearInterval } = globalThis;
  vi.stubGlobal("setInterval", (...args: Parameters<typeof setInterval>) => {
    const timer = setInterval(...args);
    running.add(timer);
    return timer;
  });
  vi.stubGlobal("clearInterval", (timer: Parameters<typeof clearInterval>[0]) => {
    running.delete(timer);
    clearInterval(timer);
  });
  onTestFinished(() => void vi.unstubAllGlobals());
  return () => running.size;
}

/** The handler's id of the answer, from its first event. */
export function idOf(text: string): string {
  return /event: stream-id\ndata: (\S+)/.exec(text)?.[1] ?? "";
}
