import { ReadableStream as NodeReadableStream } from "node:stream/web";
import type { LanguageModel } from "ai";

type ModelV4 = Extract<LanguageModel, { specificationVersion: "v4" }>;
type CallOptions = Parameters<ModelV4["doStream"]>[0];
export type Part =
  Awaited<ReturnType<ModelV4["doStream"]>>["stream"] extends ReadableStream<infer P> ? P : never;

/** Which language model interface a model has: AI SDK 6 knows v3, AI SDK 7 both. */
export type Spec = "v3" | "v4";

export interface ScriptedModel {
  model: LanguageModel;
  /** What each call was given. */
  calls: CallOptions[];
}

/** A language model that says what it is told to. A script that throws fails the call's stream. */
export function scriptedModel(
  spec: Spec,
  script:
    | readonly Part[]
    | ((options: CallOptions, call: number) => Iterable<Part> | AsyncIterable<Part>),
): ScriptedModel {
  const calls: CallOptions[] = [];
  const model = {
    specificationVersion: spec,
    provider: "scripted",
    modelId: `scripted-${spec}`,
    supportedUrls: {},
    doGenerate: () => Promise.reject(new Error("not scripted")),
    async doStream(options: CallOptions) {
      calls.push(options);
      const parts = typeof script === "function" ? script(options, calls.length) : script;
      return { stream: NodeReadableStream.from(parts) };
    },
  };
  return { model: model as unknown as LanguageModel, calls };
}

/** A language model whose call itself fails, each time it is made. */
export function failingModel(spec: Spec, failure: (call: number) => unknown): ScriptedModel {
  const { model, calls } = scriptedModel(spec, []);
  const doStream = async (options: CallOptions): Promise<never> => {
    calls.push(options);
    throw failure(calls.length);
  };
  return { model: Object.assign(model, { doStream }), calls };
}

export const USAGE = {
  inputTokens: { total: 7, noCache: 4, cacheRead: 3, cacheWrite: undefined },
  outputTokens: { total: 5, text: 3, reasoning: 2 },
};

export function textParts(...texts: string[]): Part[] {
  return [
    { type: "stream-start", warnings: [] },
    { type: "text-start", id: "1" },
    ...texts.map((delta): Part => ({ type: "text-delta", id: "1", delta })),
  ];
}

export function finishParts(
  unified: FinishReason = "stop",
  raw: string | undefined = unified,
): Part[] {
  return [
    { type: "text-end", id: "1" },
    { type: "finish", finishReason: { unified, raw }, usage: USAGE },
  ];
}

type FinishReason = Extract<Part, { type: "finish" }>["finishReason"]["unified"];

/** Settles as `signal` aborts, with its reason, as a `fetch` does. */
export function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
}
