import type { StreamEvent } from "@streambed/core";
import { streamText } from "ai";
import type { FinishReason, LanguageModel, TextStreamPart, ToolSet } from "ai";
import { lastFailure } from "./model-error.ts";
import { toEvent } from "./model-events.ts";

export interface ModelCall {
  model: LanguageModel;
  prompt: string;
  system?: string | undefined;
}

/**
 * A model's answer as text and events. Ends only after the model said that it has finished: whatever
 * else happens, it throws. Leaving it, on whichever way, aborts the call to the model.
 */
export async function* streamModel(
  call: ModelCall,
  signal: AbortSignal,
): AsyncGenerator<string | StreamEvent, void, undefined> {
  const calling = new AbortController();
  const abort = (): void => calling.abort(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  let finish: Finish | undefined;
  try {
    // oxlint-disable-next-line typescript/no-deprecated -- AI SDK 6 has no other name for it
    const { fullStream } = streamText({
      ...call,
      abortSignal: calling.signal,
      // By default it writes to the console; here each error is thrown below.
      onError: () => {},
      experimental_transform: withoutWarnings,
    });
    for await (const part of fullStream) {
      if (part.type === "error") throw part.error;
      if (part.type === "abort") throw new Error("the call to the model was aborted");
      if (part.type === "finish") {
        if (isMadeUp(part)) break;
        finish = part;
      }
      const event = toEvent(part);
      if (event !== undefined) yield event;
    }
    const flaw = flawOf(finish);
    if (flaw !== undefined) throw new Error(flaw);
  } catch (error) {
    throw lastFailure(error);
  } finally {
    signal.removeEventListener("abort", abort);
    calling.abort();
  }
}

interface Finish {
  finishReason: FinishReason;
  rawFinishReason: string | undefined;
}

/** Where a model's stream just ends, the AI SDK says that it finished: as "other", for no reason. */
function isMadeUp({ finishReason, rawFinishReason }: Finish): boolean {
  return (
    finishReason === "interrupted" || (finishReason === "other" && rawFinishReason === undefined)
  );
}

/** Why an end is not a clean one. */
function flawOf(finish: Finish | undefined): string | undefined {
  if (finish === undefined) return "the model's stream ended without finishing";
  const { finishReason, rawFinishReason: raw } = finish;
  if (finishReason === "error")
    return raw === undefined ? "the model failed" : `the model failed: ${raw}`;
  if (finishReason === "content-filter") return "the provider's content filter cut the answer off";
  return undefined;
}

/** The AI SDK writes warnings to the console when a step begins with some. */
function withoutWarnings<TOOLS extends ToolSet>(): TransformStream<
  TextStreamPart<TOOLS>,
  TextStreamPart<TOOLS>
> {
  return new TransformStream({
    transform(part, controller) {
      controller.enqueue(part.type === "start-step" ? { ...part, warnings: [] } : part);
    },
  });
}
